// Command cni is a node's pod network: it writes the CNI configuration, keeps routes to the other nodes' pods, and enforces
// NetworkPolicy with kube-router's controller (iptables and ipset, for kernels with no nft queue).
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/pkg/options"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

const (
	confPath   = "/etc/cni/net.d/10-kindnet.conflist"
	syncPeriod = 10 * time.Second
	// Where kube-router's controller finds an iptables-restore that leaves kube-proxy's chains alone.
	toolsPath = "/usr/local/lib/policies"
	conf      = `{"cniVersion":"0.4.0","name":"kindnet","plugins":[
 {"type":"ptp","ipMasq":false,"mtu":%d,"ipam":{"type":"host-local","dataDir":"/run/cni-ipam-state","routes":[{"dst":"0.0.0.0/0"}],"ranges":[[{"subnet":"%s"}]]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
`
)

type node struct {
	name       string
	podSubnet  string // of the whole cluster
	client     kubernetes.Interface
	configured bool
}

func main() {
	debug.SetGCPercent(400)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	config, err := rest.InClusterConfig()
	if err != nil {
		klog.Fatal(err)
	}
	// kind names the control plane here, so that the network comes up without kube-proxy.
	if endpoint := os.Getenv("CONTROL_PLANE_ENDPOINT"); endpoint != "" {
		config.Host = endpoint
	}
	n := &node{
		name:      os.Getenv("NODE_NAME"),
		podSubnet: os.Getenv("POD_SUBNET"),
		client:    kubernetes.NewForConfigOrDie(config),
	}
	go n.routePods(ctx)
	go n.enforcePolicies(ctx)
	<-ctx.Done() // and leave at once: the controller takes its time, and the rules stay anyway
}

// routePods keeps this node's CNI configuration and its routes to other nodes' pods as the API's nodes say.
func (n *node) routePods(ctx context.Context) {
	ticker := time.NewTicker(syncPeriod)
	defer ticker.Stop()
	for {
		nodes, err := n.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			klog.Error(err)
		} else {
			for i := range nodes.Items {
				n.follow(&nodes.Items[i])
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (n *node) follow(other *v1.Node) {
	address := internalIP(other)
	switch {
	case other.Spec.PodCIDR == "" || address == "":
	case other.Name != n.name:
		run("ip", "route", "replace", other.Spec.PodCIDR, "via", address)
	case !n.configured:
		n.masquerade(other.Spec.PodCIDR)
		n.configured = writeConf(other.Spec.PodCIDR, mtuOf(address))
	}
}

// masquerade hides pods' addresses from whatever is outside the cluster.
func (n *node) masquerade(podCIDR string) {
	rule := []string{"POSTROUTING", "-s", podCIDR, "!", "-d", n.podSubnet, "-j", "MASQUERADE"}
	if exec.Command("iptables", append([]string{"-t", "nat", "-C"}, rule...)...).Run() != nil {
		run("iptables", append([]string{"-t", "nat", "-A"}, rule...)...)
	}
}

// writeConf writes the CNI configuration at once, since containerd reads it as soon as it is there.
func writeConf(podCIDR string, mtu int) bool {
	draft := filepath.Join(filepath.Dir(confPath), ".kindnet.draft")
	if err := os.WriteFile(draft, fmt.Appendf(nil, conf, mtu, podCIDR), 0o644); err != nil {
		klog.Error(err)
		return false
	}
	if err := os.Rename(draft, confPath); err != nil {
		klog.Error(err)
		return false
	}
	return true
}

func internalIP(node *v1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == v1.NodeInternalIP && strings.Contains(address.Address, ".") {
			return address.Address
		}
	}
	return ""
}

// mtuOf returns the MTU of the interface that has the address.
func mtuOf(address string) int {
	interfaces, err := net.Interfaces()
	if err != nil {
		klog.Error(err)
	}
	for _, nic := range interfaces {
		addresses, _ := nic.Addrs()
		for _, a := range addresses {
			if subnet, ok := a.(*net.IPNet); ok && subnet.IP.String() == address {
				return nic.MTU
			}
		}
	}
	return 1500
}

func run(program string, args ...string) {
	if output, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		klog.Errorf("%s %s: %v: %s", program, strings.Join(args, " "), err, output)
	}
}

// enforcePolicies runs kube-router's controller.
func (n *node) enforcePolicies(ctx context.Context) {
	factory := informers.NewSharedInformerFactory(n.client, 0)
	pods := factory.Core().V1().Pods().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	os.Setenv("PATH", toolsPath+string(os.PathListSeparator)+os.Getenv("PATH"))
	config := options.NewKubeRouterConfig()
	config.HostnameOverride = n.name
	config.ClusterIPCIDR = "10.96.0.0/16"
	config.NodePortRange = "30000-32767"
	config.RunFirewall = true
	config.IPTablesSyncPeriod = time.Minute
	controller, err := netpol.NewNetworkPolicyController(n.client, config, pods, policies, namespaces, &sync.Mutex{})
	if err != nil {
		klog.Fatal(err)
	}
	pods.AddEventHandler(controller.PodEventHandler)
	namespaces.AddEventHandler(controller.NamespaceEventHandler)
	policies.AddEventHandler(controller.NetworkPolicyEventHandler)

	heartbeats := make(chan *healthcheck.ControllerHeartbeat, 10)
	go func() {
		for range heartbeats { // nobody asks for its health; an unread channel would stop it
		}
	}()
	var group sync.WaitGroup
	group.Add(1)
	controller.Run(heartbeats, ctx.Done(), &group)
}
