"""The network: a verdict and a delay for each flow, from forwarding, policies, kube-proxy and who listens.

Begin with `flows`. It may import `plane`, `machine`, `api`, `timing` and `text`.
"""
