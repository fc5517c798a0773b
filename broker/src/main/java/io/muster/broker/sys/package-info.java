/**
 * The broker's own figures as retained messages under {@code $SYS}. Plain Java that is given the
 * figures and a way to publish; only the assembly knows this room.
 */
@NullMarked
package io.muster.broker.sys;

import org.jspecify.annotations.NullMarked;
