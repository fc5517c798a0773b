package io.muster.auth.x509.source;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** Gathers an answer of at most so many octets; a longer one ends the exchange. */
final class LimitedBody implements BodySubscriber<byte[]> {

    private static final int FIRST = 64 * 1024;

    /** What a server says that comes is not believed beyond this, until it has come. */
    private static final int BELIEVED_MAX = 1024 * 1024;

    private final int octetsMax;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private byte[] octets;
    private int length;

    /**
     * Takes so many.
     *
     * @param announced how many the server says that come; -1 if it does not
     */
    LimitedBody(int octetsMax, long announced) {
        this.octetsMax = octetsMax;
        long first = announced > 0 ? Math.min(announced, BELIEVED_MAX) : FIRST;
        this.octets = new byte[(int) Math.min(first, octetsMax)];
        if (announced > octetsMax) {
            body.completeExceptionally(tooLong());
        }
    }

    private IOException tooLong() {
        return new IOException("the answer has more than %d octets".formatted(octetsMax));
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
        body.whenComplete(
                (done, failure) -> {
                    if (failure != null) {
                        subscription.cancel();
                    }
                });
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (body.isDone()) {
                return;
            }
            append(buffer);
        }
    }

    private void append(ByteBuffer buffer) {
        int count = buffer.remaining();
        if (count > octetsMax - length) {
            octets = new byte[0];
            body.completeExceptionally(tooLong());
            return;
        }
        if (count > octets.length - length) {
            long wanted = Math.max(2L * octets.length, (long) length + count);
            octets = Arrays.copyOf(octets, (int) Math.min(wanted, octetsMax));
        }
        buffer.get(octets, length, count);
        length += count;
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(length == octets.length ? octets : Arrays.copyOf(octets, length));
    }
}
