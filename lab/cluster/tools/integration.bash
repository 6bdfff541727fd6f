# Shell integration: bash tells the terminal where a command begins and ends, by OSC 133 and OSC 633;E.
# Sourced from an interactive bash's start-up file, where LAB_MARKS is set. Needs bash 4.4 (PS0).
#   OSC 133;A  a prompt begins            OSC 633;E;TEXT;SHELL  the command that is about to run
#   OSC 133;B  the prompt has ended       OSC 133;C             its output begins
#   OSC 7      the folder                 OSC 133;D;EXIT        it has ended
# A, C and D carry the shell's own id, so that a shell inside a shell is told from the one outside.
if [[ -n ${LAB_MARKS-} && $- == *i* && -n ${BASH_VERSION-} && -z ${__lab_shell-} ]] && (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then
  __lab_shell="$$.$RANDOM"
  # A command that history leaves out could not be told.
  HISTCONTROL=ignoredups
  unset HISTIGNORE

  __lab_command() {
    local text
    text="$(HISTTIMEFORMAT='' builtin history 1)"
    text="${text#"${text%%[![:space:]]*}"}"   # blanks, the number,
    text="${text#*[[:space:]]}"               # and what stands between it and the command
    text="${text#"${text%%[![:space:]]*}"}"
    text="${text//\\/\\\\}"
    text="${text//;/\\x3b}"
    text="${text//$'\n'/\\x0a}"
    text="${text//[[:cntrl:]]/ }"
    printf '\e]633;E;%s;%s\a\e]133;C;shell=%s\a' "$text" "$__lab_shell" "$__lab_shell"
  }

  __lab_prompt() {
    local code=$?
    printf '\e]133;D;%s;shell=%s\a\e]7;file://%s%s\a\e]133;A;shell=%s\a' \
      "$code" "$__lab_shell" "${HOSTNAME-}" "${PWD// /%20}" "$__lab_shell"
    [[ ${PS1-} == *']133;B'* ]] || PS1="${PS1-}"'\[\e]133;B\a\]'
    return "$code"
  }

  PS0='$(__lab_command)'"${PS0-}"
  if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND=(__lab_prompt "${PROMPT_COMMAND[@]}")
  else
    PROMPT_COMMAND="__lab_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
  fi
fi
