"""Uses Muster as any AMQP client can: bare JSON through pika, without a line of .NET.

usage: bare_client.py AMQP_URL EXCHANGE_PREFIX
Prints one line per step that held; exits with 1 and says why at the first that does not.
"""
import json
import sys
import time
import uuid

import pika

PATIENCE_SECONDS = 30
DIRECT = "amq.rabbitmq.reply-to"


class Muster:
    """Publishes commands and collects the answers of one reply queue by their correlation id."""

    def __init__(self, url, prefix, direct):
        self.prefix = prefix
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.reply_to = DIRECT if direct else self.channel.queue_declare("", exclusive=True).method.queue
        self.answers = []
        self.channel.basic_consume(self.reply_to, self._receive, auto_ack=True)

    def _receive(self, _channel, _method, properties, body):
        self.answers.append((properties.correlation_id, properties.type, json.loads(body)))

    def send(self, contract, body):
        correlation = str(uuid.uuid4())
        self.channel.basic_publish(
            self.prefix + contract, "", json.dumps(body).encode(),
            pika.BasicProperties(
                content_type="application/json", reply_to=self.reply_to, correlation_id=correlation))
        return correlation

    def answer(self, correlation, contract):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for found in self.answers:
                if found[0] == correlation:
                    self.answers.remove(found)
                    if found[1] != contract:
                        sys.exit(f"expected {contract}, got {found[1]}: {found[2]}")
                    return found[2]
            self.connection.process_data_events(time_limit=0.2)
        sys.exit(f"no {contract} within {PATIENCE_SECONDS} s; others: {self.answers}")

    def ask(self, contract, body, expected):
        return self.answer(self.send(contract, body), expected)


def lock(name):
    return "Muster.Contracts.Lock:" + name


def check(holds, what):
    if not holds:
        sys.exit("not so: " + what)
    print("ok: " + what, flush=True)


def poison(muster, contract, queue):
    """Ids that no client can write again as text: taken out of the way, and nobody is held up."""
    for _ in range(4):
        muster.channel.basic_publish(
            muster.prefix + contract, "", b"[",
            pika.BasicProperties(content_type="application/json", correlation_id=b"\xff" * 86))
    taken, deadline = 0, time.monotonic() + PATIENCE_SECONDS
    while taken < 4 and time.monotonic() < deadline:
        channel = muster.connection.channel()
        try:
            taken += channel.basic_get(muster.prefix + queue, auto_ack=True)[0] is not None
            channel.close()
        except pika.exceptions.ChannelClosedByBroker:
            muster.connection.process_data_events(time_limit=0.2)  # the first error declares the queue
    check(taken == 4, f"poison is in {queue}")


def run(muster, how):
    session, name = str(uuid.uuid4()), f"python/{how}"
    opened = muster.ask(lock("OpenSession"), {
        "commandId": str(uuid.uuid4()), "sessionId": session, "ttlMilliseconds": 10000, "owner": "python",
    }, lock("SessionOpened"))
    check(opened["sessionId"] == session, f"{how}: a session is opened")

    acquire = {"sessionId": session, "name": name, "waitMilliseconds": 20000}
    first = muster.ask(lock("AcquireLock"), {**acquire, "commandId": "first-" + session}, lock("LockGranted"))
    check(first["name"] == name and first["fencingToken"] > 0, f"{how}: the lock is granted with a token")

    second = muster.send(lock("AcquireLock"), {**acquire, "commandId": "second-" + session})
    check(muster.answer(second, lock("LockQueued"))["ahead"] == 0, f"{how}: the second acquire is queued")

    beat = muster.ask("Muster.Contracts.Detector:Heartbeat", {
        "node": "python", "incarnation": session, "number": 1, "sessions": [session],
    }, "Muster.Contracts.Detector:HeartbeatAnswered")
    renewed = beat["sessions"][0]
    check(renewed["status"] == "Renewed" and len(renewed["grants"]) == 1 and len(renewed["waits"]) == 1,
          f"{how}: the heartbeat renews and lists a grant and a wait")

    released = muster.ask(lock("ReleaseLock"), {
        "commandId": str(uuid.uuid4()), "sessionId": session, "name": name,
        "acquireId": first["commandId"], "fencingToken": first["fencingToken"],
    }, lock("LockReleased"))
    check(released["fencingToken"] == first["fencingToken"], f"{how}: the lock is released")

    granted = muster.answer(second, lock("LockGranted"))
    check(granted["commandId"] == "second-" + session and granted["fencingToken"] > first["fencingToken"],
          f"{how}: the release grants to the second, with a greater token")

    muster.ask(lock("CloseSession"), {"commandId": str(uuid.uuid4()), "sessionId": session}, lock("SessionClosed"))
    check(True, f"{how}: the session is closed")


def main():
    url, prefix = sys.argv[1], sys.argv[2]
    muster = Muster(url, prefix, direct=False)
    poison(muster, lock("AcquireLock"), "muster-lock_error")
    poison(muster, "Muster.Contracts.Detector:Heartbeat", "muster-lock-heartbeats_error")
    run(muster, "reply queue")
    run(Muster(url, prefix, direct=True), "direct reply-to")
    print("done", flush=True)


main()
