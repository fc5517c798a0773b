package io.muster.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a hub is open, and how it is closed again: in the order of {@link Part}, each part also
 * when one before it failed to close. Confined to one thread at a time.
 */
final class OpenParts implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OpenParts.class);

    private final Map<Part, AutoCloseable> open = new EnumMap<>(Part.class);

    /** Opens a part. */
    @FunctionalInterface
    interface Opening<T> {
        T open() throws IOException;
    }

    /**
     * Opens {@code part} and remembers to close it.
     *
     * @throws HubStartException naming the part, if it cannot be opened
     */
    <T extends AutoCloseable> T open(Part part, Opening<T> opening) {
        T opened = run(part, opening);
        open.put(part, opened);
        return opened;
    }

    /**
     * Does something that {@code part} needs, but that needs no closing.
     *
     * @throws HubStartException naming the part, if it fails
     */
    <T> T run(Part part, Opening<T> step) {
        try {
            return step.open();
        } catch (IOException e) {
            throw new HubStartException(part, new UncheckedIOException(e.getMessage(), e));
        } catch (RuntimeException e) {
            throw new HubStartException(part, e);
        }
    }

    /** Closes what is open; what fails to close is logged. */
    @Override
    public void close() {
        open.forEach(OpenParts::close);
        open.clear();
    }

    private static void close(Part part, AutoCloseable opened) {
        try {
            opened.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.warn("closing was interrupted part=\"{}\"", part.title());
        } catch (Exception e) {
            log.warn("not closed in order part=\"{}\"", part.title(), e);
        }
    }
}
