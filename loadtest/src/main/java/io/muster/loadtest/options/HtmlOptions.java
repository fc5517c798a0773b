package io.muster.loadtest.options;

import io.muster.loadtest.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The report as a page. Confined to the thread that runs the command. */
public final class HtmlOptions {

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also write the report as one HTML page with plots")
    private @Nullable Path html;

    /** Fails before a long run whose page could not be written. */
    public void check() {
        if (html != null) {
            Path folder = html.toAbsolutePath().getParent();
            if (Files.isDirectory(html) || folder == null || !Files.isWritable(folder)) {
                throw new IllegalArgumentException("--html " + html + " cannot be written");
            }
        }
    }

    /** Writes the page if it was asked for, over one that is there. */
    public void write(Report report) throws IOException {
        if (html != null) {
            Files.writeString(html, report.html());
        }
    }
}
