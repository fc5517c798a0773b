package io.muster.hub.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints answers: in aligned lines for people, or as one line of JSON for machines.
 *
 * @param out where to
 * @param json whether for machines
 */
public record Output(PrintWriter out, boolean json) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GAP = "  ";

    /** One thing: a line for each of its fields. */
    public void show(Object thing) {
        JsonNode node = JSON.valueToTree(thing);
        if (json) {
            print(node);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        node.properties()
                .forEach(field -> rows.add(List.of(field.getKey(), cell(field.getValue()))));
        print(rows);
    }

    /** A page of a list: a line for each item, under the names of the columns. */
    public void list(JsonNode page, String... columns) {
        if (json) {
            print(page);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(columns));
        for (JsonNode item : page.path("items")) {
            List<String> row = new ArrayList<>();
            for (String column : columns) {
                row.add(cell(item.path(column)));
            }
            rows.add(row);
        }
        print(rows);
        if (page.hasNonNull("next")) {
            line("There are more: go on with --after " + quoted(page.path("next").asText()));
        }
    }

    /** A sentence, which machines need not read. */
    public void say(String sentence) {
        if (!json) {
            line(sentence);
        }
    }

    /** A word as a shell reads it, whatever characters it has. */
    public static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:@%+,-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }

    private void print(JsonNode node) {
        try {
            line(JSON.writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    private void print(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = row.get(i);
                line.append(cell).append(" ".repeat(widths[i] - cell.length())).append(GAP);
            }
            line(line.toString().stripTrailing());
        }
    }

    /** What clients named themselves must not steer the operator's terminal. */
    private static String cell(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        String text = value.isContainerNode() ? value.toString() : value.asText();
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private void line(String text) {
        out.println(text);
        out.flush();
    }
}
