package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connection that notes what it is to send. Each packet is one short line. */
final class RecordingOutput implements SessionOutput {

    private final List<String> lines = new ArrayList<>();
    private boolean writable = true;
    private int payloadMax = Integer.MAX_VALUE;
    private int writableFor = Integer.MAX_VALUE;
    private String brokenTopic = "";
    private long takenBytes;
    private boolean behind;

    /** What was sent since this was last asked. */
    List<String> sent() {
        List<String> sent = List.copyOf(lines);
        lines.clear();
        return sent;
    }

    void setWritable(boolean writable) {
        this.writable = writable;
        this.writableFor = Integer.MAX_VALUE;
    }

    /** Writable until so many more packets have been sent. */
    void setWritableFor(int packets) {
        this.writable = true;
        this.writableFor = packets;
    }

    void setPayloadMax(int payloadMax) {
        this.payloadMax = payloadMax;
    }

    @Override
    public boolean isWritable() {
        return writable && writableFor > 0;
    }

    @Override
    public long takenBytes() {
        return takenBytes;
    }

    /** The client takes something. */
    void take(long bytes) {
        takenBytes += bytes;
    }

    @Override
    public void behind(boolean isBehind) {
        behind = isBehind;
    }

    /** Whether publishers are said to wait for the client. */
    boolean isBehind() {
        return behind;
    }

    @Override
    public boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        return message.payload().size() <= payloadMax;
    }

    /** From now on sending a message of this topic fails. */
    void breakTopic(String topic) {
        brokenTopic = topic;
    }

    private void note(String line) {
        lines.add(line);
        writableFor--;
    }

    @Override
    public void publish(Message message, boolean retain, SubscriptionIdentifiers identifiers) {
        if (message.topic().equals(brokenTopic)) {
            throw new IllegalStateException("cannot be sent");
        }
        note("qos0 " + message.topic() + (retain ? " retain" : "") + ids(identifiers));
    }

    @Override
    public void publish(Delivery delivery, int packetId, boolean duplicate) {
        note(
                "qos%d #%d %s%s%s"
                                .formatted(
                                        delivery.qos().value(),
                                        packetId,
                                        delivery.message().topic(),
                                        delivery.retain() ? " retain" : "",
                                        duplicate ? " dup" : "")
                        + ids(delivery.subscriptionIdentifiers()));
    }

    private static String ids(SubscriptionIdentifiers identifiers) {
        return identifiers.isEmpty() ? "" : " " + identifiers;
    }

    @Override
    public void pubrel(int packetId) {
        note("pubrel #" + packetId);
    }

    @Override
    public CompletionStage<Void> end(ConnectionEnd cause) {
        note("end " + cause);
        return CompletableFuture.completedFuture(null);
    }
}
