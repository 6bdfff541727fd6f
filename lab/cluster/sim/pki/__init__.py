"""Keys and certificates: those of a new cluster as kubeadm makes them, and what programs find out about others.

Begin with `kubeadm` (the files of a new cluster) or `reading` (what a program sees in PEM text). It imports
only `text`.
"""
