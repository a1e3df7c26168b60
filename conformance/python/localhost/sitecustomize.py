"""Resolves every name below .localhost to loopback (RFC 6761), which plain Linux does not do.

Python imports this file by itself when its folder is on PYTHONPATH, so it reaches az as well.
"""

import socket

_getaddrinfo = socket.getaddrinfo


def _loopback_getaddrinfo(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name.lower().endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = _loopback_getaddrinfo
