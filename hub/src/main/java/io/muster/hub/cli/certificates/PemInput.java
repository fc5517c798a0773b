package io.muster.hub.cli.certificates;

import io.muster.hub.cli.options.CommandFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what is in PEM. Without state. */
final class PemInput {

    private PemInput() {}

    /**
     * A file, or standard input for a dash.
     *
     * @param longest so many bytes are read, and one more: the hub says that it is too long
     * @throws CommandFailedException if it cannot be read
     */
    static String read(String name, int longest) {
        try {
            return name.equals("-") ? read(System.in, longest) : read(Path.of(name), longest);
        } catch (IOException e) {
            throw new CommandFailedException(name + " cannot be read: " + e.getMessage());
        }
    }

    private static String read(Path file, int longest) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, longest);
        }
    }

    private static String read(InputStream in, int longest) throws IOException {
        return new String(in.readNBytes(longest + 1), StandardCharsets.US_ASCII);
    }
}
