package io.muster.hub.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page of devices: what it lets one type. */
final class DevicesPage {

    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private DevicesPage() {}

    private static String text() throws IOException {
        return Files.readString(Path.of("..", "docs", "devices.md"));
    }

    /** The lines that call our launcher, without comments and without what a shell does. */
    static List<List<String>> commands() throws IOException {
        return wordsOfLines("./muster ");
    }

    /** The words with which the page runs a program in Python, behind its name. */
    static List<String> arguments(String program) throws IOException {
        List<String> words = wordsOfLines("python3 " + program + " ").get(0);
        return words.subList(1, words.size());
    }

    /** The program in Java. */
    static String programInJava() throws IOException {
        return program("(?s)```java\n(.*?)```");
    }

    /** The program in Python whose first line is its name. */
    static String programInPython(String name) throws IOException {
        return program("(?s)```python\n(# " + Pattern.quote(name) + "\n.*?)```");
    }

    private static String program(String pattern) throws IOException {
        Matcher program = Pattern.compile(pattern).matcher(text());
        if (!program.find()) {
            throw new IllegalStateException("the page has no " + pattern);
        }
        return program.group(1);
    }

    private static List<List<String>> wordsOfLines(String beginning) throws IOException {
        return text().lines()
                .filter(line -> line.startsWith("    " + beginning))
                .map(line -> line.replaceAll(" +# .*| > .*", "").strip())
                .map(line -> WORD.matcher(line).results().map(DevicesPage::word).toList())
                .map(words -> words.subList(1, words.size()))
                .toList();
    }

    private static String word(MatchResult match) {
        return match.group(1) != null ? match.group(1) : match.group(2);
    }
}
