package io.muster.hub.bulk;

import io.muster.devices.details.NewDevice;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of devices that was read completely and checked. Confined to a thread while it is read.
 *
 * <p>What it may take of memory is bounded: by the number of devices and of their tags and
 * attributes, the bytes of a line and those of the file. Of bad lines the first hundred are kept;
 * the others are counted.
 */
public final class DeviceFile {

    /** The longest file, in bytes. */
    public static final int BYTES_MAX = 32 * 1024 * 1024;

    /** The longest line, in bytes: none of a device with all tags and attributes is longer. */
    public static final int LINE_BYTES_MAX = 8 * 1024 * 1024;

    /** How many tags and attributes the devices of a file may have together. */
    public static final int VALUES_MAX = 1_000_000;

    /** How many bad lines are described. */
    public static final int BAD_LINES_MAX = 100;

    private final DeviceFormat format;
    private final int devicesMax;
    private final List<NewDevice> devices = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<BadLine> badLines = new ArrayList<>();
    private int badLineCount;
    private int values;
    private int line;
    private int bytes;
    private List<String> columns = Column.READ;
    private boolean headerSeen;
    private boolean stopped;

    private DeviceFile(DeviceFormat format, int devicesMax) {
        this.format = format;
        this.devicesMax = devicesMax;
    }

    /**
     * Reads {@code file} to its end, or to where it exceeds a limit.
     *
     * @param devicesMax how many devices are allowed
     */
    public static DeviceFile read(InputStream file, DeviceFormat format, int devicesMax)
            throws IOException {
        DeviceFile read = new DeviceFile(format, devicesMax);
        read.readAll(new BufferedInputStream(file));
        return read;
    }

    private void readAll(InputStream file) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int next = file.read();
        while (next >= 0 && !stopped) {
            bytes++;
            if (next == '\n') {
                take(text);
            } else if (text.size() <= LINE_BYTES_MAX) {
                text.write(next);
            }
            if (bytes > BYTES_MAX) {
                stop("the file is longer than " + BYTES_MAX + " bytes");
            }
            next = file.read();
        }
        if (text.size() > 0 && !stopped) {
            take(text);
        }
    }

    private void take(ByteArrayOutputStream text) {
        line++;
        try {
            if (text.size() > LINE_BYTES_MAX) {
                throw new IllegalArgumentException("longer than " + LINE_BYTES_MAX + " bytes");
            }
            take(decoded(text.toByteArray()));
        } catch (IllegalArgumentException bad) {
            addBadLine(String.valueOf(bad.getMessage()));
        }
        text.reset();
    }

    private void take(String text) {
        if (text.isBlank()) {
            return;
        }
        if (format.hasHeader() && !headerSeen) {
            headerSeen = true;
            // What follows another header is something else.
            stopped = true;
            columns = format.columns(text);
            stopped = false;
            return;
        }
        NewDevice device = format.parse(columns, text);
        Integer before = lines.putIfAbsent(device.deviceKey(), line);
        if (before != null) {
            throw new IllegalArgumentException(
                    "deviceKey '%s' is in line %d already".formatted(device.deviceKey(), before));
        }
        if (lines.size() > devicesMax) {
            stop("more than " + devicesMax + " devices; import them in several files");
            return;
        }
        values += device.tags().size() + device.attributes().size();
        if (values > VALUES_MAX) {
            stop(
                    "more than %d tags and attributes; import them in several files"
                            .formatted(VALUES_MAX));
            return;
        }
        devices.add(device);
    }

    private String decoded(byte[] text) {
        try {
            String decoded =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
            String start =
                    line == 1 && decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
            return start.endsWith("\r") ? start.substring(0, start.length() - 1) : start;
        } catch (CharacterCodingException notUtf8) {
            throw new IllegalArgumentException("not UTF-8", notUtf8);
        }
    }

    private void stop(String problem) {
        stopped = true;
        addBadLine(problem);
    }

    private void addBadLine(String problem) {
        badLineCount++;
        if (badLines.size() < BAD_LINES_MAX) {
            badLines.add(new BadLine(line, problem));
        }
    }

    /** The devices in the order of the file, with different keys. */
    public List<NewDevice> devices() {
        return Collections.unmodifiableList(devices);
    }

    /** The line in which a device stands. */
    public int lineOf(String deviceKey) {
        return lines.getOrDefault(deviceKey, 0);
    }

    /** The first of the bad lines, at most {@link #BAD_LINES_MAX}. */
    public List<BadLine> badLines() {
        return List.copyOf(badLines);
    }

    /** How many bad lines there are. */
    public int badLineCount() {
        return badLineCount;
    }
}
