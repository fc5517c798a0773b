package io.muster.devices.registry.search;

/** Texts that begin alike, in the order of their bytes in UTF-8, which is that of characters. */
final class Prefix {

    private Prefix() {}

    /** The first text behind all that begin with {@code prefix}, which is not empty. */
    static String end(String prefix) {
        int[] points = prefix.codePoints().toArray();
        int last = points.length - 1;
        while (last > 0 && points[last] == Character.MAX_CODE_POINT) {
            last--;
        }
        points[last] =
                points[last] == Character.MIN_SURROGATE - 1
                        ? Character.MAX_SURROGATE + 1
                        : points[last] + 1;
        return new String(points, 0, last + 1);
    }
}
