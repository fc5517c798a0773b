package io.muster.auth;

import java.util.List;

/**
 * A topic filter that is compared with topic names and other topic filters. Immutable.
 *
 * <p>As in MQTT ([MQTT-4.7.2-1]), a wildcard in the first level stands for no topic that begins
 * with {@code $}. Comparing walks the text level by level and allocates nothing.
 *
 * @param levels the levels of the filter; {@code +} and {@code #} are wildcards
 */
record TopicPattern(List<String> levels) {

    private static final String ONE = "+";
    private static final String REST = "#";
    private static final String SHARE = "$share/";

    /** Copies the levels. */
    TopicPattern {
        levels = List.copyOf(levels);
    }

    /**
     * Splits a filter.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static TopicPattern of(String filter) {
        if (!isFilter(filter)) {
            throw new IllegalArgumentException(
                    "'"
                            + filter
                            + "' is not a topic filter: it is empty, or + is not alone in a level, or # not alone in the last one");
        }
        return new TopicPattern(List.of(filter.split("/", -1)));
    }

    /**
     * The filter of a shared subscription, {@code $share/name/filter}; any other text as it is.
     * Empty, which is no filter, if that is missing.
     */
    static String withoutShare(String text) {
        if (!text.startsWith(SHARE)) {
            return text;
        }
        int slash = text.indexOf('/', SHARE.length());
        return slash < 0 ? "" : text.substring(slash + 1);
    }

    /** Whether {@code text} is a topic filter: wildcards stand alone, and {@code #} last. */
    static boolean isFilter(String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean wildcard = c == '+' || c == '#';
            boolean last = i + 1 == text.length();
            boolean alone =
                    (i == 0 || text.charAt(i - 1) == '/')
                            && (last || (c == '+' && text.charAt(i + 1) == '/'));
            if (wildcard && !alone) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether this pattern matches every topic that {@code other} matches.
     *
     * @param other a topic filter, or a topic name
     */
    boolean covers(String other) {
        if (wildcardMeetsDollar(other)) {
            return false;
        }
        int start = 0;
        for (int level = 0; level < levels.size(); level++) {
            String own = levels.get(level);
            if (own.equals(REST)) {
                return true;
            }
            if (start > other.length()) {
                return false;
            }
            int end = endOfLevel(other, start);
            if (isLevel(other, start, end, REST)) {
                // "#" alone matches no topic without a level, so "+/#" is all of it.
                return level == 0 && own.equals(ONE) && isRest(1);
            }
            if (!own.equals(ONE) && !isLevel(other, start, end, own)) {
                return false;
            }
            start = end + 1;
        }
        return start > other.length();
    }

    /**
     * Whether there is a topic that both this pattern and {@code other} match.
     *
     * @param other a topic filter, or a topic name
     */
    boolean overlaps(String other) {
        if (wildcardMeetsDollar(other)) {
            return false;
        }
        int start = 0;
        for (int level = 0; level < levels.size(); level++) {
            String own = levels.get(level);
            if (own.equals(REST)) {
                return true;
            }
            if (start > other.length()) {
                return false;
            }
            int end = endOfLevel(other, start);
            if (isLevel(other, start, end, REST)) {
                return true;
            }
            boolean wildcard = own.equals(ONE) || isLevel(other, start, end, ONE);
            if (!wildcard && !isLevel(other, start, end, own)) {
                return false;
            }
            start = end + 1;
        }
        return start > other.length() || isLevel(other, start, other.length(), REST);
    }

    /** Whether one begins with a wildcard and the other with {@code $}. */
    private boolean wildcardMeetsDollar(String other) {
        String first = levels.get(0);
        boolean ownWildcard = first.equals(ONE) || first.equals(REST);
        boolean otherWildcard = other.startsWith(ONE) || other.startsWith(REST);
        return (ownWildcard && other.startsWith("$")) || (otherWildcard && first.startsWith("$"));
    }

    private boolean isRest(int level) {
        return level < levels.size() && levels.get(level).equals(REST);
    }

    private static int endOfLevel(String text, int start) {
        int slash = text.indexOf('/', start);
        return slash < 0 ? text.length() : slash;
    }

    private static boolean isLevel(String text, int start, int end, String level) {
        return end - start == level.length() && text.startsWith(level, start);
    }
}
