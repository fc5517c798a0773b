/** The words in which rules about topics are given, of products and of applications. */
@NullMarked
package io.muster.devices.topics;

import org.jspecify.annotations.NullMarked;
