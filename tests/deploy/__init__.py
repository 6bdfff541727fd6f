"""An event on an existing Kubernetes cluster: the chart, as helm renders it."""
