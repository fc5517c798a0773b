package io.muster.hub.commands;

import io.muster.hub.protocol.ServiceListener.Outcome;

/** A command has no answer. It has no stack trace: it is an outcome and not a fault. */
public final class UnansweredException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    UnansweredException(Outcome outcome, String sentence) {
        super(sentence, null, false, false);
        this.outcome = outcome;
    }

    /** What came of it instead. */
    public Outcome outcome() {
        return outcome;
    }
}
