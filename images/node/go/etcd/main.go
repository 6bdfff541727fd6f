// Command etcd is etcd and etcdctl in one binary: etcdctl when it is called by a name that begins so.
package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"go.etcd.io/etcd/etcdctl/v3/ctlv3"
	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	debug.SetGCPercent(400)
	if strings.HasPrefix(filepath.Base(os.Args[0]), "etcdctl") {
		ctlv3.MustStart()
		return
	}
	etcdmain.Main(os.Args)
}
