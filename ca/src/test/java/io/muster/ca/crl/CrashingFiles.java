package io.muster.ca.crl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file system that stops before a certain step, with all that it holds as the kernel has it; or,
 * where the power fails, with what was not forced to the disk lost. So there is no need to wait for
 * the disk.
 */
final class CrashingFiles implements CrlFiles {

    /** Stands for the end of the process: nothing may catch it. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final CrlFiles disk = CrlFiles.DISK;
    private final int stopBefore;
    private final boolean powerFails;
    private final Set<Path> unforced = new LinkedHashSet<>();
    private final Map<Path, Path> moved = new LinkedHashMap<>();
    private int steps;

    /** The first step is 0. */
    CrashingFiles(int stopBefore, boolean powerFails) {
        this.stopBefore = stopBefore;
        this.powerFails = powerFails;
    }

    int steps() {
        return steps;
    }

    private void step() throws IOException {
        if (steps == stopBefore) {
            if (powerFails) {
                loseWhatIsNotOnTheDisk();
            }
            throw new Crash();
        }
        steps++;
    }

    private void loseWhatIsNotOnTheDisk() throws IOException {
        for (Map.Entry<Path, Path> move : moved.entrySet()) {
            Files.move(move.getValue(), move.getKey());
        }
        for (Path file : unforced) {
            byte[] content = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(content, content.length / 2));
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        step();
        disk.createFolder(folder);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        step();
        return disk.list(folder);
    }

    @Override
    public byte[] read(Path file) throws IOException {
        step();
        return disk.read(file);
    }

    @Override
    public void write(Path file, byte[] content) throws IOException {
        step();
        disk.write(file, content);
        unforced.add(file);
    }

    @Override
    public void force(Path file) throws IOException {
        step();
        unforced.remove(file);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step();
        disk.move(from, to);
        moved.put(from, to);
        if (unforced.remove(from)) {
            unforced.add(to);
        }
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        step();
        moved.values().removeIf(file -> folder.equals(file.getParent()));
    }

    @Override
    public void delete(Path file) throws IOException {
        step();
        disk.delete(file);
    }
}
