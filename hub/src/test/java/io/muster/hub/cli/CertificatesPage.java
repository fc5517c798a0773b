package io.muster.hub.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The page of certificates: what a section of it lets one type and write into files. */
final class CertificatesPage {

    private static final Pattern COMMAND =
            Pattern.compile(
                    "(?m)^(?: {4}){1,2}((?:\\./muster|openssl|curl|touch|echo|python3) .*)$");
    private static final Pattern FILE = Pattern.compile("(?s)```\\w+\n *# (\\S+\\.\\w+)\n(.*?)```");
    private static final Pattern CONF = Pattern.compile("(?s)```hocon\n(.*?)```");

    private final String section;

    private CertificatesPage(String section) {
        this.section = section;
    }

    /** The one under this heading. */
    static CertificatesPage section(String heading) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "certificates.md"));
        int from = page.indexOf("\n## " + heading + "\n");
        if (from < 0) {
            throw new IllegalStateException("the page has no section " + heading);
        }
        int to = page.indexOf("\n## ", from + 1);
        return new CertificatesPage(page.substring(from, to < 0 ? page.length() : to));
    }

    /** The lines that are typed into a shell, in their order. */
    List<String> commands() {
        return COMMAND.matcher(section).results().map(line -> line.group(1)).toList();
    }

    /** A program, or another file, that has its name in its first line. */
    String file(String name) {
        return FILE.matcher(section)
                .results()
                .filter(each -> each.group(1).equals(name))
                .map(each -> each.group(2).stripIndent())
                .findAny()
                .orElseThrow(() -> new IllegalStateException("the section has no " + name));
    }

    /** The first piece of a configuration. */
    String configuration() {
        return CONF.matcher(section)
                .results()
                .map((MatchResult each) -> each.group(1).stripIndent())
                .findFirst()
                .orElseThrow();
    }
}
