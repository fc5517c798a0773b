package io.muster.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BrokerMetricsTest {

    private static final List<String> RECEIVED_TYPES =
            List.of(
                    "connect",
                    "publish",
                    "puback",
                    "pubrec",
                    "pubrel",
                    "pubcomp",
                    "subscribe",
                    "unsubscribe",
                    "pingreq",
                    "disconnect",
                    "auth");
    private static final List<String> SENT_TYPES =
            List.of(
                    "connack",
                    "publish",
                    "puback",
                    "pubrec",
                    "pubrel",
                    "pubcomp",
                    "suback",
                    "unsuback",
                    "pingresp",
                    "disconnect",
                    "auth");
    private static final List<String> OTHER_METERS =
            List.of(
                    "muster.bytes{direction=received}",
                    "muster.bytes{direction=sent}",
                    "muster.protocol.violations{reason=malformed_packet}",
                    "muster.protocol.violations{reason=protocol_error}",
                    "muster.subscriptions.refused{reason=not_authorized}",
                    "muster.messages{direction=received,qos=0}",
                    "muster.messages{direction=received,qos=1}",
                    "muster.messages{direction=received,qos=2}",
                    "muster.messages{direction=sent,qos=0}",
                    "muster.messages{direction=sent,qos=1}",
                    "muster.messages{direction=sent,qos=2}",
                    "muster.message.bytes{direction=received,qos=0}",
                    "muster.message.bytes{direction=received,qos=1}",
                    "muster.message.bytes{direction=received,qos=2}",
                    "muster.message.bytes{direction=sent,qos=0}",
                    "muster.message.bytes{direction=sent,qos=1}",
                    "muster.message.bytes{direction=sent,qos=2}",
                    "muster.limited{limit=client_messages}",
                    "muster.limited{limit=client_bytes}",
                    "muster.limited{limit=messages}",
                    "muster.limited{limit=bytes}",
                    "muster.limited{limit=connects}",
                    "muster.limited{limit=address_connects}",
                    "muster.limited{limit=event_loop}",
                    "muster.limited{limit=slow_subscriber}",
                    "muster.limited{limit=take_overs}",
                    "muster.take.overs{}",
                    "muster.held.publishers{}",
                    "muster.stalled.clients{}",
                    "muster.messages.dropped{reason=queue_full}",
                    "muster.messages.dropped{reason=queue_full_oldest}",
                    "muster.messages.dropped{reason=payload_format}",
                    "muster.messages.dropped{reason=compression}",
                    "muster.messages.dropped{reason=refused}",
                    "muster.messages.dropped{reason=offline}",
                    "muster.messages.dropped{reason=too_large}",
                    "muster.messages.dropped{reason=expired}",
                    "muster.messages.dropped{reason=not_authorized}",
                    "muster.messages.dropped{reason=topic_too_deep}",
                    "muster.messages.dropped{reason=no_member}",
                    "muster.messages.dropped{reason=retained_full}",
                    "muster.clients{}",
                    "muster.queued.messages{}",
                    "muster.connects.refused{reason=banned}");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LoopCounters first = new LoopCounters();
    private final LoopCounters second = new LoopCounters();
    private final BrokerMetrics metrics = new BrokerMetrics(meters, List.of(first, second));

    private double count(String name, String... tags) {
        return meters.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    /** Dashboards rely on these. */
    @Test
    void namesAreStable() {
        metrics.retainedRefused(() -> 0);
        metrics.refused("BANNED");
        List<String> expected = new ArrayList<>(OTHER_METERS);
        for (String type : RECEIVED_TYPES) {
            expected.add("muster.packets{direction=received,type=" + type + "}");
        }
        for (String type : SENT_TYPES) {
            expected.add("muster.packets{direction=sent,type=" + type + "}");
        }
        assertThat(meters.getMeters())
                .extracting(BrokerMetricsTest::nameWithTags)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private static String nameWithTags(Meter meter) {
        return meter.getId().getTags().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.joining(",", meter.getId().getName() + "{", "}"));
    }

    @Test
    void sumsWhatTheLoopsCount() {
        first.received(1, 10);
        second.received(1, 5);
        second.sent(0, 3);
        first.dropped(DropReason.OFFLINE);
        second.dropped(DropReason.OFFLINE);
        first.connections().increment();
        second.connections().increment();
        second.queued().add(9);
        first.limited(Limit.BYTES);
        second.held().increment();
        second.stalled().increment();
        assertThat(count("muster.messages", "direction", "received", "qos", "1")).isEqualTo(2);
        assertThat(count("muster.message.bytes", "direction", "received", "qos", "1"))
                .isEqualTo(15);
        assertThat(count("muster.messages", "direction", "sent", "qos", "0")).isEqualTo(1);
        assertThat(count("muster.message.bytes", "direction", "sent", "qos", "0")).isEqualTo(3);
        assertThat(count("muster.messages.dropped", "reason", "offline")).isEqualTo(2);
        assertThat(gauge("muster.clients")).isEqualTo(2);
        assertThat(gauge("muster.queued.messages")).isEqualTo(9);
        assertThat(count("muster.limited", "limit", "bytes")).isEqualTo(1);
        assertThat(gauge("muster.held.publishers")).isEqualTo(1);
        assertThat(count("muster.stalled.clients")).isEqualTo(1);
    }

    @Test
    void sumsPacketsByTypeAndTheirBytes() {
        first.packetReceived(8);
        second.packetReceived(8);
        second.packetReceived(12);
        first.packetSent(9);
        first.bytesReceived(20);
        second.bytesReceived(2);
        second.bytesSent(7);
        assertThat(count("muster.packets", "direction", "received", "type", "subscribe"))
                .isEqualTo(2);
        assertThat(count("muster.packets", "direction", "received", "type", "pingreq"))
                .isEqualTo(1);
        assertThat(count("muster.packets", "direction", "sent", "type", "suback")).isEqualTo(1);
        assertThat(count("muster.packets", "direction", "sent", "type", "pingresp")).isZero();
        assertThat(count("muster.bytes", "direction", "received")).isEqualTo(22);
        assertThat(count("muster.bytes", "direction", "sent")).isEqualTo(7);
    }

    @Test
    void countsViolationsByReason() {
        metrics.violated("PROTOCOL_ERROR");
        metrics.violated("RECEIVE_MAXIMUM_EXCEEDED");
        metrics.violated("RECEIVE_MAXIMUM_EXCEEDED");
        assertThat(violations("protocol_error")).isEqualTo(1);
        assertThat(violations("receive_maximum_exceeded")).isEqualTo(2);
        assertThat(violations("malformed_packet")).isZero();
    }

    private double violations(String reason) {
        return meters.get("muster.protocol.violations").tag("reason", reason).counter().count();
    }

    @Test
    void countsRefusalsByReason() {
        metrics.refused("BANNED");
        metrics.refused("BANNED");
        metrics.refused("NOT_AUTHORIZED");
        assertThat(meters.get("muster.connects.refused").tag("reason", "banned").counter().count())
                .isEqualTo(2);
    }

    @Test
    void registersGaugesOfOthers() {
        metrics.gauge("muster.loop.something", "Something.", Tags.of("loop", "1"), () -> 4);
        metrics.gauge("muster.something", "Something.", () -> 5);
        assertThat(meters.get("muster.loop.something").tag("loop", "1").gauge().value())
                .isEqualTo(4);
        assertThat(gauge("muster.something")).isEqualTo(5);
    }
}
