/**
 * Devices that sign in with a certificate: which one it is bound to, and whether its names agree.
 * Whether it is good at all is found out in {@code x509}, before anybody comes here.
 */
@NullMarked
package io.muster.auth.certificate;

import org.jspecify.annotations.NullMarked;
