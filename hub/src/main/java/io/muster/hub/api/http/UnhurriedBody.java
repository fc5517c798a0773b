package io.muster.hub.api.http;

import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/**
 * Writes a large answer as fast as its reader takes it, and holds no thread meanwhile: those of the
 * server are few, and anybody may be slow. Confined to one request; the server calls it.
 */
final class UnhurriedBody implements WriteListener {

    private static final int PART_BYTES = 32 * 1024;

    private final InputStream bytes;
    private final ServletOutputStream out;
    private final CompletableFuture<Void> written = new CompletableFuture<>();
    private final byte[] part = new byte[PART_BYTES];

    private UnhurriedBody(InputStream bytes, ServletOutputStream out) {
        this.bytes = bytes;
        this.out = out;
    }

    /** Answers with these bytes, which are read from memory, once the caller has returned. */
    static void answer(Context ctx, InputStream bytes) {
        ctx.future(() -> begin(ctx, bytes));
    }

    private static CompletableFuture<Void> begin(Context ctx, InputStream bytes) {
        try {
            ServletOutputStream out = ctx.res().getOutputStream();
            UnhurriedBody body = new UnhurriedBody(bytes, out);
            out.setWriteListener(body);
            return body.written;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void onWritePossible() throws IOException {
        while (out.isReady()) {
            int length = bytes.read(part);
            if (length < 0) {
                written.complete(null);
                return;
            }
            out.write(part, 0, length);
        }
    }

    @Override
    public void onError(Throwable gone) {
        // Whoever has hung up is told nothing.
        written.complete(null);
    }
}
