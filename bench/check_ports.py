"""Reports which ports are used, as the script does that devsvc replaces: one
bind to 127.0.0.1 a port, exit code 1 where at least one is used."""

import socket
import sys


def is_port_in_use(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        try:
            s.bind(("127.0.0.1", port))
            return False
        except OSError:
            return True


ports = [int(word) for word in sys.argv[1:]]
used = [is_port_in_use(port) for port in ports]
for port, is_used in zip(ports, used):
    print(f"{'❌' if is_used else '✅'} Port {port} : {'UTILISÉ' if is_used else 'DISPONIBLE'}")
sys.exit(1 if any(used) else 0)
