package io.muster.broker.fuzz;

import io.muster.broker.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages conversations, and cuts them into segments. Its choices are those of the seed. */
final class Damage {

    private static final int CHANGES_MAX = 4;

    private final Random random;

    Damage(Random random) {
        this.random = random;
    }

    /**
     * The bytes of a conversation in which something is wrong. Half of them begin with the CONNECT
     * as it should be, so that the packets behind it are reached.
     */
    byte[] conversation(List<byte[]> packets) {
        List<byte[]> some = new ArrayList<>(packets);
        int from = random.nextBoolean() ? 1 : 0;
        for (int changes = random.nextInt(3); changes > 0 && some.size() > from; changes--) {
            changeOrder(some, from);
        }
        byte[] connect = from == 1 ? some.remove(0) : new byte[0];
        byte[] rest = Packets.join(some.toArray(byte[][]::new));
        return Packets.join(connect, random.nextInt(4) == 0 ? rest : bytes(rest));
    }

    private void changeOrder(List<byte[]> packets, int from) {
        int at = from + random.nextInt(packets.size() - from);
        switch (random.nextInt(4)) {
            case 0 -> packets.add(at, packets.get(at));
            case 1 -> packets.remove(at);
            case 2 -> packets.add(from + random.nextInt(packets.size() - from), packets.remove(at));
            default -> packets.set(at, bytes(packets.get(at)));
        }
    }

    /** Bytes of which some are changed, gone, new, doubled, or the end cut off. */
    byte[] bytes(byte[] whole) {
        byte[] bytes = whole;
        for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0 && bytes.length > 0; left--) {
            bytes = change(bytes, random.nextInt(bytes.length));
        }
        return bytes;
    }

    private byte[] change(byte[] bytes, int at) {
        byte[] before = Arrays.copyOf(bytes, at);
        byte[] after = Arrays.copyOfRange(bytes, at + 1, bytes.length);
        byte[] changed = {(byte) random.nextInt(256)};
        byte[] flipped = {(byte) (bytes[at] ^ 1 << random.nextInt(8))};
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> Packets.join(before, changed, after);
            case 3, 4, 5 -> Packets.join(before, flipped, after);
            case 6, 7 -> Packets.join(before, after);
            case 8, 9 -> Packets.join(before, changed, new byte[] {bytes[at]}, after);
            case 10 -> Packets.join(Arrays.copyOf(bytes, bytes.length - after.length), bytes);
            default -> before;
        };
    }

    /** The same bytes in one or more pieces. */
    List<byte[]> segments(byte[] bytes) {
        int most = random.nextInt(20) == 0 ? 2 : 2 * bytes.length / (1 + random.nextInt(6)) + 1;
        List<byte[]> segments = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(most));
            segments.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return segments;
    }
}
