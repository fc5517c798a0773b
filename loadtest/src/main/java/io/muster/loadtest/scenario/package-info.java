/** What is to be done, as values that are valid by construction. Knows no connections. */
@NullMarked
package io.muster.loadtest.scenario;

import org.jspecify.annotations.NullMarked;
