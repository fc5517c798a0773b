/** What log lines are made of. Everybody may use it; it knows nobody. */
@NullMarked
package io.muster.broker.log;

import org.jspecify.annotations.NullMarked;
