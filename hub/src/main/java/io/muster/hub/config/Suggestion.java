package io.muster.hub.config;

import java.util.Collection;
import java.util.Comparator;

/** Says which known word was probably meant by an unknown one. */
final class Suggestion {

    private Suggestion() {}

    /** A question if one of the words is near, else where to look. */
    static String forWord(String unknown, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String word) -> distance(unknown, word)))
                .filter(word -> distance(unknown, word) <= Math.max(2, unknown.length() / 4))
                .map(word -> "did you mean " + word + "?")
                .orElse("'muster check' lists all keys");
    }

    /** Levenshtein's distance: how many letters to insert, remove or replace. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
