"""Objects, and what the API server and etcd do with them: kinds, validation, admission, patches, tables, storage.

Begin with `apiserver`. It may import `timing` and `text`.
"""
