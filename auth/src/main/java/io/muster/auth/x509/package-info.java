/**
 * Which client certificates are let in: by whom they were issued, what they may be used for, and
 * that they are not revoked. Built on the JDK alone; knows no other kind of sign-in, no registry
 * and no connections.
 */
@NullMarked
package io.muster.auth.x509;

import org.jspecify.annotations.NullMarked;
