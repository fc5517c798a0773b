/** Applications: their clients, and the changes of what they may do. */
@NullMarked
package io.muster.hub.applications;

import org.jspecify.annotations.NullMarked;
