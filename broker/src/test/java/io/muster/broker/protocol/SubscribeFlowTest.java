package io.muster.broker.protocol;

import static io.muster.broker.Packets.text;
import static io.muster.broker.protocol.FlowStage.expectViolation;
import static io.muster.broker.protocol.FlowStage.subscribe;
import static io.muster.broker.protocol.FlowStage.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ReasonCode;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SubscribeFlowTest {

    private final FlowStage version5 = new FlowStage(true);
    private final FlowStage version4 = new FlowStage(false);

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void grantsEachFilterOrSaysWhyNot() {
        String answer =
                version5.receive(subscribe(version5, "a", "secret/#", "$share/g/a", "c", "a"));
        assertThat(answer).startsWith("90").endsWith("01" + "87" + "01" + "97" + "01");
        assertThat(answer)
                .as("the first refusal tells its reason")
                .contains(hex(text(Packets.REASON_STRING, ReasonCode.NOT_AUTHORIZED.sentence())));
        assertThat(version5.client.session().subscriptionCount()).isEqualTo(2);
    }

    @Test
    void earlierVersionsAreToldNoReason() {
        assertThat(version4.receive(subscribe(version4, "a", "secret/#", "b", "c")))
                .isEqualTo("90060007" + "01" + "80" + "01" + "80");
    }

    @Test
    void noLocalOnASharedSubscriptionEndsTheConnection() {
        expectViolation(version5, Packets.subscribe5(7, "$share/g/a", 0x05), 0x82);
    }

    @Test
    void sendsRetainedMessagesBehindTheSuback() {
        version4.retained.store(
                Message.of("t", Payload.of(new byte[] {1}), Qos.AT_MOST_ONCE, true));
        assertThat(version4.receive(subscribe(version4, "t"))).isEqualTo("9003000701310400017401");
        assertThat(version4.receive(subscribe(version4, "t"))).as("again").endsWith("310400017401");
    }

    @Test
    void anInvalidFilterEndsTheConnection() {
        expectViolation(version5, subscribe(version5, "a/#/b"), 0x81);
    }

    @Test
    void aBadFilterLeavesNothingOfTheOthersBehind() {
        expectViolation(version5, subscribe(version5, "a", "a/#/b"), 0x81);
        assertThat(version5.tree.size()).isZero();
        FlowStage shared = new FlowStage(true);
        shared.receive(subscribe(shared, "a"));
        expectViolation(shared, unsubscribe(shared, "a", "b/#/c"), 0x81);
        assertThat(shared.tree.size()).as("still subscribed").isEqualTo(1);
    }

    @Test
    void aFilterOfTooManyLevelsIsNotGranted() {
        assertThat(version5.receive(subscribe(version5, "$share/g/a/b/c/d/e", "a/b/c/d/e/f")))
                .startsWith("90")
                .endsWith("01" + "8f");
        assertThat(version4.receive(subscribe(version4, "a/b/c/d/e", "+/b/c/d/e/#")))
                .isEqualTo("90040007" + "0180");
        assertThat(version5.receive(unsubscribe(version5, "a/b/c/d/e/f")))
                .isEqualTo("b0040007" + "0011");
    }

    @Test
    void withoutAFilterTheConnectionEnds() {
        expectViolation(version5, subscribe(version5), 0x82);
        expectViolation(new FlowStage(true), unsubscribe(version5), 0x82);
    }

    @Test
    void unsubscribesAndSaysWhatWasThere() {
        version5.receive(subscribe(version5, "a"));
        assertThat(version5.receive(unsubscribe(version5, "a", "a", "b")))
                .isEqualTo("b0060007000011" + "11");
        assertThat(version4.receive(unsubscribe(version4, "a"))).isEqualTo("b0020007");
        assertThat(version5.tree.size()).isZero();
    }

    @Test
    void whoSubscribesOnAndOnWithoutReadingIsGrantedNoMore() {
        retain(version5);
        version5.channel.setWritable(false);
        assertThat(version5.receive(subscribe(version5, "t"))).isEqualTo("900400070001");
        assertThat(version5.receive(subscribe(version5, "nothing/retained", "t")))
                .isEqualTo("90050007000101");
        assertThat(version5.receive(subscribe(version5, "t"))).startsWith("90").endsWith("97");
    }

    @Test
    void oneSubscribeCannotOweMoreThanAllowedEither() {
        retain(version4);
        version4.channel.setWritable(false);
        assertThat(version4.receive(subscribe(version4, "t", "t", "t")))
                .isEqualTo("90050007" + "010180");
    }

    @Test
    void whoReadsMaySubscribeOnAndOn() {
        retain(version5);
        for (int i = 0; i < 5; i++) {
            version5.channel.setWritable(false);
            version5.receive(subscribe(version5, "t"));
            version5.receive(subscribe(version5, "t"));
            version5.channel.setWritable(true);
            version5.loops.in(0, version5.client.session()::pump);
            version5.channel.sent();
        }
        assertThat(version5.channel.isOpen()).isTrue();
    }

    private static void retain(FlowStage stage) {
        Message message = Message.of("t", Payload.of(new byte[] {1}), Qos.AT_MOST_ONCE, true);
        stage.loops.in(0, () -> stage.router.publish(message));
    }
}
