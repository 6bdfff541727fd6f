// Command coredns is CoreDNS with the plugins that kubeadm's Corefile names.
package main

import (
	"runtime/debug"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
)

func main() {
	debug.SetGCPercent(400)
	dnsserver.Directives = []string{
		"reload", "ready", "health", "errors", "log", "cache", "prometheus", "loadbalance", "loop", "kubernetes", "forward",
	}
	coremain.Run()
}
