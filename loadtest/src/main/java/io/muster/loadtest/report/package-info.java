/** What came of a run, as a value, and how people and machines read it. Knows no connections. */
@NullMarked
package io.muster.loadtest.report;

import org.jspecify.annotations.NullMarked;
