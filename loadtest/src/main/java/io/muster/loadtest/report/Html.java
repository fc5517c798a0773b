package io.muster.loadtest.report;

/** Texts in an HTML page. */
final class Html {

    private Html() {}

    /** Leaves nothing that a browser would take for markup. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
