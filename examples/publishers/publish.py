"""Publishes one message: python3 publish.py HOST PORT CHANNEL PAYLOAD

With redis-py where it is installed, else over a plain socket; says which, and how many clients Redis believes to have
reached.
"""
import socket
import sys


def publish_with_redis_py(host, port, channel, payload):
    import redis

    client = redis.Redis(host=host, port=port, socket_timeout=5)
    return client.publish(channel, payload), f"redis-py {redis.__version__}"


def publish_with_socket(host, port, channel, payload):
    parts = [b"PUBLISH", channel.encode(), payload.encode()]
    command = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(command)
        reply = connection.makefile("rb").readline()
    if not reply.startswith(b":"):
        raise RuntimeError(reply.decode().strip() or "Redis closed the connection")
    return int(reply[1:]), "a plain socket"


def publish(*arguments):
    try:
        return publish_with_redis_py(*arguments)
    except ImportError:
        return publish_with_socket(*arguments)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    receivers, client = publish(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
    print(f"{receivers} with {client}")
