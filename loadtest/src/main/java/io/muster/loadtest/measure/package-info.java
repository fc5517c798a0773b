/** What is counted, timed and read from the system while a run goes on. Knows no connections. */
@NullMarked
package io.muster.loadtest.measure;

import org.jspecify.annotations.NullMarked;
