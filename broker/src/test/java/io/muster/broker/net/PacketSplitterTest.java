package io.muster.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketSplitterTest {

    private static final int PACKET_BYTES_MAX = 20_000;
    private static ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();

    private final PacketSplitter splitter = new PacketSplitter(PACKET_BYTES_MAX);
    private final Recorder recorder = new Recorder();
    private final EmbeddedChannel channel = new EmbeddedChannel(splitter);
    private final List<ByteBuf> buffers = new ArrayList<>();

    PacketSplitterTest() {
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        splitter.receiver(recorder, true);
    }

    @BeforeAll
    static void watchBuffers() {
        before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterAll
    static void watchAsBefore() {
        ResourceLeakDetector.setLevel(before);
    }

    /** Notes packets and violations as text. */
    private static final class Recorder implements PacketReceiver {
        private final List<String> received = new ArrayList<>();
        private final Set<Integer> refused = new HashSet<>();
        private final Set<Integer> overtaking = new HashSet<>();
        private Runnable atPacket = () -> {};
        private @Nullable ByteBuf lastBody;

        @Override
        public boolean receive(int firstByte, ByteBuf body) {
            lastBody = body;
            if (refused.contains(firstByte)) {
                return false;
            }
            received.add("%02x %s".formatted(firstByte, ByteBufUtil.hexDump(body)));
            atPacket.run();
            return true;
        }

        @Override
        public boolean overtakes(int firstByte) {
            return overtaking.contains(firstByte);
        }

        @Override
        public void violated(ProtocolViolation violation) {
            received.add(violation.reason().name());
        }
    }

    private void read(byte[] bytes) {
        ByteBuf in = channel.alloc().directBuffer(Math.max(1, bytes.length));
        buffers.add(in);
        channel.writeInbound(in.writeBytes(bytes));
    }

    private void read(String hex) {
        read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** Whatever happened, the end of the connection leaves no buffer behind. */
    @AfterEach
    void noBufferIsLeft() {
        channel.finishAndReleaseAll();
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    // --------------------------------------------------------------------- splitting

    /** Each try has a connection of its own, though they share the test's instance. */
    @Property(tries = 300)
    void howeverTheBytesAreCutTheSamePacketsComeOut(
            @ForAll @Size(max = 8) List<@IntRange(max = 17_000) Integer> sizes,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 9_000) Integer> cuts,
            @ForAll boolean isByteByByte) {
        PacketSplitterTest fresh = new PacketSplitterTest();
        fresh.expectSamePackets(sizes, cuts, isByteByByte);
        fresh.noBufferIsLeft();
    }

    private void expectSamePackets(List<Integer> sizes, List<Integer> cuts, boolean isByteByByte) {
        List<String> expected = new ArrayList<>();
        byte[] all = {};
        for (int i = 0; i < sizes.size(); i++) {
            byte[] body = new byte[isByteByByte ? sizes.get(i) % 300 : sizes.get(i)];
            Arrays.fill(body, (byte) i);
            all = Packets.join(all, Packets.packet(0x30 + i, body));
            expected.add("%02x %s".formatted(0x30 + i, HexFormat.of().formatHex(body)));
        }
        int at = 0;
        for (int i = 0; at < all.length; i++) {
            int cut = isByteByByte ? 1 : cuts.get(i % cuts.size());
            int end = Math.min(all.length, at + cut);
            read(Arrays.copyOfRange(all, at, end));
            at = end;
        }
        assertThat(recorder.received).isEqualTo(expected);
        assertThat(buffers)
                .as("nothing is kept of packets that have all come")
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void handsOverNothingBeyondThePacket() {
        read("c000 30020000 e000");
        assertThat(recorder.received).containsExactly("c0 ", "30 0000", "e0 ");
    }

    @Test
    void whatComesBehindTheRestOfAPacketIsHandedOverWithoutACopy() {
        read("3004 01");
        read("020304 3002 0506");

        assertThat(recorder.received).containsExactly("30 01020304", "30 0506");
        assertThat(recorder.lastBody).isSameAs(buffers.get(1));
    }

    @Test
    void whatTheReceiverLeavesUnreadIsNotReadAsTheNextPacket() {
        read("3003c000c0 c000");
        assertThat(recorder.received).containsExactly("30 c000c0", "c0 ");
    }

    @Test
    void aBufferThatCannotGrowIsReplaced() {
        byte[] first = HexFormat.of().parseHex("300401");
        ByteBuf full = channel.alloc().directBuffer(first.length, first.length);
        ByteBuf readOnly = channel.alloc().directBuffer(100).writeBytes(first);
        for (ByteBuf begin : List.of(full.writeBytes(first), readOnly.asReadOnly())) {
            buffers.add(begin);
            channel.writeInbound(begin);
            read("02");
            read("0304 c000");
        }
        assertThat(recorder.received).containsExactly("30 01020304", "c0 ", "30 01020304", "c0 ");
    }

    @Test
    void anEmptyReadIsNothing() {
        read("");
        read("c0");
        read("");
        read("00");
        assertThat(recorder.received).containsExactly("c0 ");
    }

    @Test
    void keepsNothingOfABufferThatOthersHold() {
        ByteBuf shared = channel.alloc().directBuffer().writeBytes(new byte[] {0x30, 2, 7});
        channel.writeInbound(shared.retain());
        assertThat(shared.refCnt()).isEqualTo(1);
        shared.clear().writeByte(8);
        channel.writeInbound(shared.retain());
        shared.release();
        assertThat(recorder.received).containsExactly("30 0708");
    }

    // ---------------------------------------------------------------- pause and resume

    @Test
    void whileReadingIsOffNothingIsHandedOver() {
        recorder.atPacket = () -> splitter.setReading(false);
        read("c000 e000 3001");
        assertThat(recorder.received).containsExactly("c0 ");
        read("07");
        assertThat(recorder.received).containsExactly("c0 ");
        splitter.setReading(true);
        assertThat(recorder.received).containsExactly("c0 ", "e0 ");
        splitter.setReading(true);
        assertThat(recorder.received).containsExactly("c0 ", "e0 ", "30 07");
        splitter.setReading(true);
        assertThat(recorder.received).hasSize(3);
    }

    @Test
    void theSocketIsLeftAloneOnceItBringsWhatIsNotWanted() {
        splitter.setReading(false);
        assertThat(channel.config().isAutoRead()).isTrue();
        read("c000");
        assertThat(channel.config().isAutoRead()).isFalse();
        splitter.setReading(true);
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(recorder.received).containsExactly("c0 ");
    }

    @Test
    void aReceiverMayResumeWhileItIsGivenAPacket() {
        recorder.atPacket = () -> splitter.setReading(true);
        read("c000 e000");
        assertThat(recorder.received).containsExactly("c0 ", "e0 ");
    }

    @Test
    void bytesThatComeWhileAPacketIsHandedOverAreReadBehindWhatCameBefore() {
        recorder.atPacket =
                () -> {
                    recorder.atPacket = () -> {};
                    ByteBuf more = channel.alloc().directBuffer().writeBytes(new byte[] {-32, 0});
                    channel.pipeline().fireChannelRead(more);
                };
        read("c000 d000");
        assertThat(recorder.received).containsExactly("c0 ", "d0 ", "e0 ");
    }

    // ---------------------------------------------------------------------------- hold

    @Test
    void aPacketThatIsNotTakenIsHandedInAgain() {
        recorder.refused.add(0x30);
        read("c000 3001 07 3001 08");
        assertThat(recorder.received).containsExactly("c0 ");
        assertThat(splitter.isHolding()).isTrue();
        splitter.goOn();
        assertThat(recorder.received).as("not yet").containsExactly("c0 ");
        recorder.refused.clear();
        splitter.goOn();
        assertThat(recorder.received).containsExactly("c0 ", "30 07", "30 08");
        assertThat(splitter.isHolding()).isFalse();
    }

    @Test
    void whatMayGoesPastWhatIsHeldAndAllElseStaysBehindIt() {
        recorder.refused.add(0x30);
        recorder.overtaking.add(0x40);
        read("3001 07 4001 01 e000 40");
        read("01 02 c0");
        read("00 4001 03");
        assertThat(recorder.received).containsExactly("40 01", "40 02", "40 03");
        recorder.refused.clear();
        splitter.goOn();
        assertThat(recorder.received).endsWith("30 07", "e0 ", "c0 ").hasSize(6);
    }

    @Test
    void onePacketAfterTheOtherMayBeHeld() {
        recorder.refused.add(0x30);
        read("3101 01 3001 02 3101 03");
        recorder.refused.add(0x31);
        read("3001 04");
        recorder.refused.remove(0x30);
        splitter.goOn();
        assertThat(recorder.received).containsExactly("31 01", "30 02");
        recorder.refused.clear();
        read("3001 05");
        assertThat(recorder.received).containsExactly("31 01", "30 02");
        splitter.goOn();
        assertThat(recorder.received).containsExactly("31 01", "30 02", "31 03", "30 04", "30 05");
    }

    @Test
    void readingEndsWhenSoMuchIsHeldAndGoesOnAfterwards() {
        recorder.refused.add(0x30);
        byte[] packet = Packets.packet(0x30, new byte[PACKET_BYTES_MAX / 2]);
        int packets = PacketSplitter.HELD_BYTES_MAX / packet.length + 1;
        for (int i = 0; i < packets; i++) {
            assertThat(channel.config().isAutoRead()).isTrue();
            read(packet);
        }
        assertThat(channel.config().isAutoRead()).isFalse();
        splitter.setReading(true);
        assertThat(channel.config().isAutoRead()).as("nobody else turns it on").isFalse();
        read("c000");
        recorder.refused.clear();
        splitter.goOn();
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(recorder.received).hasSize(packets + 1).endsWith("c0 ");
    }

    @Test
    void whileReadingIsOffForAnotherReasonWhatIsHeldWaits() {
        recorder.refused.add(0x30);
        read("3001 07 3001 08");
        recorder.refused.clear();
        recorder.atPacket = () -> splitter.setReading(false);
        splitter.goOn();
        assertThat(recorder.received).containsExactly("30 07");
        read("3001 09");
        assertThat(recorder.received).containsExactly("30 07");
        recorder.atPacket = () -> {};
        splitter.setReading(true);
        assertThat(recorder.received).containsExactly("30 07", "30 08", "30 09");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0ffffffff01", "c0ffff7f"})
    void whatIsMalformedBehindWhatIsHeldHasItsTurn(String malformed) {
        recorder.refused.add(0x30);
        read("3001 07" + malformed);
        assertThat(recorder.received).isEmpty();
        assertThat(channel.config().isAutoRead()).isFalse();
        recorder.refused.clear();
        splitter.goOn();
        assertThat(recorder.received).hasSize(2).startsWith("30 07");
    }

    @Test
    void theReceiverMayHaveWhatIsHeldWhenTheClientHasLeft() {
        recorder.refused.add(0x30);
        read("3001 07");
        channel.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelInactive(ChannelHandlerContext context) {
                                recorder.refused.clear();
                                splitter.goOn();
                            }
                        });
        channel.close();
        assertThat(recorder.received).containsExactly("30 07");
    }

    @Test
    void aNewReceiverGetsWhatTheOneBeforeDidNotTake() {
        Recorder next = new Recorder();
        recorder.atPacket =
                () -> {
                    splitter.setReading(false);
                    splitter.receiver(next, true);
                };
        read("1000 c000");
        splitter.setReading(true);
        assertThat(recorder.received).containsExactly("10 ");
        assertThat(next.received).containsExactly("c0 ");
    }

    // ---------------------------------------------------------------------- violations

    @Test
    void aPacketThatIsTooLargeIsNoticedAtItsHeader() {
        byte[] header = Packets.join(new byte[] {0x30}, Packets.length(PACKET_BYTES_MAX - 3));
        read(header);
        assertThat(recorder.received).containsExactly(ReasonCode.PACKET_TOO_LARGE.name());
    }

    @Test
    void theLargestPacketComesThrough() {
        read(Packets.packet(0x30, new byte[PACKET_BYTES_MAX - 4]));
        assertThat(recorder.received).hasSize(1).first().asString().startsWith("30 00");
    }

    @Test
    void afterAViolationNothingMoreIsTaken() {
        read("c000 30ffffffff c000");
        read("c000");
        assertThat(recorder.received).containsExactly("c0 ", ReasonCode.MALFORMED_PACKET.name());
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"30 80808080", "30 8080808001", "30 ffffffffff"})
    void aLengthHasNoFifthByteInAnyVersion(String hex) {
        splitter.receiver(recorder, false);
        read(hex);
        assertThat(recorder.received).containsExactly(ReasonCode.MALFORMED_PACKET.name());
    }

    @ParameterizedTest
    @CsvSource({"c08000", "c0808000", "c080808000"})
    void aPaddedLengthIsMalformedInVersion5Only(String hex) {
        splitter.receiver(recorder, false);
        read(hex);
        assertThat(recorder.received).containsExactly("c0 ");
        splitter.receiver(recorder, true);
        read(hex);
        assertThat(recorder.received).containsExactly("c0 ", ReasonCode.MALFORMED_PACKET.name());
    }

    @Test
    void aPaddedLengthOfAFullPacketIsReadRightBeforeVersion5() {
        splitter.receiver(recorder, false);
        read("30828000 0102 c000");
        assertThat(recorder.received).containsExactly("30 0102", "c0 ");
    }

    // --------------------------------------------------------------------------- the end

    @Test
    void aConnectionThatEndsWithinAPacketLeavesNothingBehind() {
        read("3005 01");
        read("02");
        channel.close();
        assertThat(recorder.received).isEmpty();
    }

    @Test
    void aConnectionThatEndsWhileReadingIsOffLeavesNothingBehind() {
        splitter.setReading(false);
        read("c000 c000");
        channel.close();
        assertThat(recorder.received).isEmpty();
    }

    @Test
    void aReceiverMayCloseTheConnectionWhileItIsGivenAPacket() {
        recorder.atPacket = channel::close;
        read("c000 30");
        assertThat(recorder.received).containsExactly("c0 ");
        assertThat(buffers.get(0).refCnt()).isZero();
    }

    @Test
    void aReceiverMayTakeTheSplitterOutWhileItIsGivenAPacket() {
        recorder.atPacket = () -> channel.pipeline().remove(splitter);
        read("c000 30");
        assertThat(recorder.received).containsExactly("c0 ");
        assertThat(buffers.get(0).refCnt()).isZero();
    }

    @Test
    void aSplitterThatIsTakenOutLeavesNothingBehind() {
        read("3005 01");
        channel.pipeline().remove(splitter);
        assertThat(buffers.get(0).refCnt()).isZero();
    }
}
