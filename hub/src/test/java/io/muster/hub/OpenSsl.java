package io.muster.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command {@code openssl}, in a folder. */
public final class OpenSsl {

    private final Path folder;
    private final Program program;

    /** Skips the test if there is none. */
    public OpenSsl(Path folder) {
        this.folder = folder;
        this.program = new Program(folder, Requirement.OPENSSL);
    }

    /** The same. */
    public static OpenSsl in(Path folder) {
        return new OpenSsl(folder);
    }

    /** The file of that name in the folder. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Runs a command that reads nothing; what it writes anywhere is the answer. */
    public String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        return program.run(command.toArray(String[]::new)).output();
    }
}
