/** Options that several commands have, and the values that they ask for. */
@NullMarked
package io.muster.loadtest.options;

import org.jspecify.annotations.NullMarked;
