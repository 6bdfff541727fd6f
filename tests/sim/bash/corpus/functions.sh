f1() { echo hi; echo "a b" 'c' $x ${y:-z} $(echo a; echo b) `echo q` > out 2>&1 < in; }
f2() { if a; then b; elif c; then d; else e; fi; while a; do b; c; done; until x; do y; done >f; }
f3() { for i in 1 2 "$x"; do echo $i; done; for i; do echo; done; for ((i=0;i<3;i++)); do echo; done; select x in a b; do echo; done; }
f4() { case $x in a|b) echo 1;; "c d") echo 2;& *) ;; esac; }
f5() { a && b || c; ! a; a | b |& c; (a; b); { a; b; }; a & b; time a; }
f6() { [[ -f x && $y == z* || ! ( a < b ) ]]; ((x++)); x=1 y=(1 2 [3]=4) cmd a=b; local z=(a b); }
f7() { cat <<E1 <<-'E2'
body $x
E1
	tabbed
	E2
echo after; }
f8() (echo sub)
f9() { :; } > log
f10() { g() { echo inner; }; g; }
f11() { a; b & }
f12() { a || { b; exit 1; }; if (a); then b; fi; a & }
f13() { coproc X { a; }; cat <<< "x y"; exec 3>&1 4<&- {fd}>x; echo &> x; a >| b; a <> c; a >> d; a &>> e; a >&2; a 2>&1; }
f14() if a; then b; fi
f15() { while read x; do echo $x; done < <(cmd a b) ; }
f16() { case x in (a) b;; c) d; e;; esac; if a; b; then c; fi; }
f17 () { 
 # comment
 a   b    c;
 if x; then
   if y; then z; fi
 fi
 for ((;;)); do break; done
}
f18() { a && b & c; a; }
f19() { if a && b; then c; fi; while a | b; do c; done; }
function f20 { a; }
function f21() { a; }
f22() { cat <<E | grep x
body
E
}
f23() { x=$(cat <<E
in
E
); }
f24() { (a) > x & { b; } 2> y; ! { a; }; a && { b; }; ( a & b ); }
f25() { { a; }; }
f26() { for i in a; do { b; }; done; if a; then ( b ); fi; }
