#!/usr/bin/env python3
"""Floods a broker with QoS 1 while one subscriber is well and one is dead; needs Python 3 and nothing else.

The dead one subscribes and never reads, and comes back now and then, with the same session. The other one acknowledges all, and
checks that nothing is missing, double or out of order. Every few seconds a line says what was delivered, the resident
memory of the broker (--pid) and some of its metrics (--metrics). The exit code is 0 if nothing was lost.

    ./loadtest/flood.py --port 1883 --pid 4711 --metrics http://127.0.0.1:8080/metrics --seconds 600
"""
import argparse
import selectors
import socket
import sys
import time
import urllib.request

METRICS = ("muster_queued_messages", "muster_held_publishers", "muster_stalled_clients_total")


def text(value):
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    length, size = b"", len(body)
    while True:
        size, digit = size >> 7, size & 127
        length += bytes([digit | (128 if size else 0)])
        if not size:
            return bytes([first]) + length + body


class Client:
    """A connection that is read and written as far as it goes."""

    def __init__(self, args, name, clean=True, buffer=0):
        self.sock = socket.socket()
        if buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.sock.connect((args.host, args.port))
        flags = 2 if clean else 0
        self.sock.sendall(packet(0x10, text("MQTT") + bytes([4, flags, 0, 0]) + text(name)))
        answer = self.sock.recv(4)
        if len(answer) < 4 or answer[3] != 0:
            sys.exit("%s refused: %s" % (name, answer.hex()))
        self.incoming, self.outgoing = bytearray(), bytearray()

    def subscribe(self, topic_filter):
        self.sock.sendall(packet(0x82, b"\0\1" + text(topic_filter) + b"\1"))
        return self

    def packets(self):
        """What has come in, packet by packet: first byte and body."""
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("closed")
        self.incoming += data
        at, have = 0, self.incoming
        while True:
            size, shift, end = 0, 0, at + 1
            while end < len(have):
                size |= (have[end] & 127) << shift
                shift += 7
                end += 1
                if have[end - 1] < 128:
                    break
            else:
                break
            if end + size > len(have):
                break
            yield have[at], bytes(have[end:end + size])
            at = end + size
        del self.incoming[:at]

    def flush(self):
        try:
            sent = self.sock.send(self.outgoing) if self.outgoing else 0
            del self.outgoing[:sent]
        except BlockingIOError:
            pass


class Publisher(Client):
    def __init__(self, args, number):
        super().__init__(args, "flood-publisher-%d" % number)
        self.topic = text("flood/%d" % number)
        self.padding = b"x" * args.payload
        self.window, self.sent, self.acknowledged = args.window, 0, 0

    def work(self, readable):
        if readable:
            self.acknowledged += sum(1 for first, _ in self.packets() if first == 0x40)
        while self.sent - self.acknowledged < self.window and len(self.outgoing) < 1 << 16:
            self.sent += 1
            identifier = (1 + self.sent % 65535).to_bytes(2, "big")
            self.outgoing += packet(
                0x32, self.topic + identifier + self.sent.to_bytes(8, "big") + self.padding)
        self.flush()


class Subscriber(Client):
    def __init__(self, args):
        super().__init__(args, "flood-healthy")
        self.subscribe("flood/#")
        self.last, self.received, self.wrong = {}, 0, 0

    def work(self, readable):
        for first, body in self.packets() if readable else ():
            if first >> 4 != 3:
                continue
            end = 2 + int.from_bytes(body[:2], "big")
            topic, number = body[2:end], int.from_bytes(body[end + 2:end + 10], "big")
            self.wrong += number != self.last.get(topic, 0) + 1
            self.last[topic] = number
            self.received += 1
            self.outgoing += b"\x40\2" + body[end:end + 2]
        self.flush()


def dead(args):
    return Client(args, "flood-dead", clean=False, buffer=4096).subscribe("flood/#")


def resident(pid):
    with open("/proc/%d/status" % pid) as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))


def metrics(url):
    values = dict.fromkeys(METRICS + ("heap", "direct"), 0.0)
    for line in urllib.request.urlopen(url, timeout=10).read().decode().splitlines():
        name = line.split("{")[0].split(" ")[0]
        if name == "jvm_memory_used_bytes" and 'area="heap"' in line:
            name = "heap"
        elif name == "jvm_buffer_memory_used_bytes" and 'id="direct"' in line:
            name = "direct"
        if name in values and not line.startswith("#"):
            values[name] += float(line.rsplit(" ", 1)[1])
    return values


def report(args, seconds, healthy, received, returns):
    line = "%4d s  %7d/s  wrong %d  dead one returned %d times" % (
        seconds, received / args.every, healthy.wrong, returns)
    if args.pid:
        line += "  resident %d MiB" % resident(args.pid)
    if args.metrics:
        values = metrics(args.metrics)
        line += "  heap %d MiB  direct %d MiB" % (
            values["heap"] / 2**20, values["direct"] / 2**20)
        line += "".join("  %s %d" % (name[7:], values[name]) for name in METRICS)
    print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--publishers", type=int, default=20)
    parser.add_argument("--window", type=int, default=1000, help="unacknowledged messages of each")
    parser.add_argument("--payload", type=int, default=100, help="bytes")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--returns", type=int, default=20, help="seconds of the dead one's life")
    parser.add_argument("--every", type=int, default=10, help="seconds between two lines")
    parser.add_argument("--pid", type=int, help="process of the broker")
    parser.add_argument("--metrics", help="where its metrics are")
    args = parser.parse_args()

    healthy, lifeless, returns = Subscriber(args), dead(args), 0
    clients = [healthy] + [Publisher(args, i) for i in range(args.publishers)]
    selector = selectors.DefaultSelector()
    for client in clients:
        client.sock.setblocking(False)
        selector.register(client.sock, selectors.EVENT_READ, client)
    start = time.monotonic()
    shown, before = start, 0
    while time.monotonic() - start < args.seconds:
        ready = {key.data for key, _ in selector.select(0.01)}
        for client in clients:
            client.work(client in ready)
        if time.monotonic() - start >= (returns + 1) * args.returns:
            lifeless.sock.close()
            lifeless, returns = dead(args), returns + 1
        if time.monotonic() - shown >= args.every:
            shown = time.monotonic()
            report(args, shown - start, healthy, healthy.received - before, returns)
            before = healthy.received
    print("delivered %d, wrong %d" % (healthy.received, healthy.wrong))
    sys.exit(1 if healthy.wrong or not healthy.received else 0)


if __name__ == "__main__":
    main()
