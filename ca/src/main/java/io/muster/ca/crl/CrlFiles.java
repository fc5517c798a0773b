package io.muster.ca.crl;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Steps that a crash can come between. Shared by threads; blocks. */
interface CrlFiles {

    /** A file system as it is. */
    CrlFiles DISK = new Disk();

    /** Makes a folder and those above; one that is there stays as it is. */
    void createFolder(Path folder) throws IOException;

    /** The names of the files in a folder. */
    List<String> list(Path folder) throws IOException;

    byte[] read(Path file) throws IOException;

    /** Writes a whole file, which may be gone or cut after a crash until it is forced. */
    void write(Path file, byte[] content) throws IOException;

    /** Makes durable what was written to a file. */
    void force(Path file) throws IOException;

    /** Gives a file another name, at once, which a crash may undo until the folder is forced. */
    void move(Path from, Path to) throws IOException;

    /** Makes durable what was made, moved or deleted in a folder. */
    void forceFolder(Path folder) throws IOException;

    void delete(Path file) throws IOException;

    /** A file system as it is. */
    final class Disk implements CrlFiles {

        /** Some million entries, which is more than a partition should have. */
        private static final long MAX_BYTES = 64L << 20;

        @Override
        public void createFolder(Path folder) throws IOException {
            Files.createDirectories(folder);
        }

        @Override
        public List<String> list(Path folder) throws IOException {
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    names.add(String.valueOf(file.getFileName()));
                }
            }
            return names;
        }

        @Override
        public byte[] read(Path file) throws IOException {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IOException(
                        "%s has %d bytes; %d are allowed".formatted(file, size, MAX_BYTES));
            }
            return Files.readAllBytes(file);
        }

        @Override
        public void write(Path file, byte[] content) throws IOException {
            Files.write(file, content);
        }

        @Override
        public void force(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }

        @Override
        public void move(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }

        /** Where the platform can open folders; where not, it makes names durable by itself. */
        @Override
        public void forceFolder(Path folder) throws IOException {
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }
    }
}
