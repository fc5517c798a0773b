package io.muster.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.scenario.Scenario;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of a run. An immutable value; the JSON has the names of the components.
 *
 * @param scenario what was done
 * @param window what went through in the measured window
 * @param counts what happened to the messages of the whole run
 * @param connections what happened to the connections
 * @param latency of the messages due in the measured window; of connections, if those are measured
 * @param processes what the broker and the load tester used
 * @param seconds the run, second by second
 * @param verdict what is to be said about it
 */
public record Report(
        Scenario scenario,
        Window window,
        Counts counts,
        Connections connections,
        Latency latency,
        Processes processes,
        List<Second> seconds,
        @JsonUnwrapped Verdict verdict) {

    /** What a run does many times, and what processor time is divided by. */
    public enum Operation {
        /** A message that came to a subscriber. */
        DELIVERY("delivered message"),
        /** A message that was sent. */
        PUBLICATION("sent message"),
        /** A connection that was opened and, in a storm, closed. */
        CONNECTION("connection");

        private final String words;

        Operation(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /**
     * The measured window.
     *
     * @param seconds how long it was
     * @param operation what counts
     * @param operations how many there were in it
     * @param sent messages sent in it
     * @param received messages received in it
     * @param behind open loop: messages that were due and not sent when it ended; their latency is
     *     missing in the percentiles
     */
    public record Window(
            double seconds,
            Operation operation,
            long operations,
            long sent,
            long received,
            long behind) {

        /** Messages sent a second. */
        @JsonProperty
        public double sentPerSecond() {
            return perSecond(sent);
        }

        /** Messages received a second. */
        @JsonProperty
        public double receivedPerSecond() {
            return perSecond(received);
        }

        /** Operations a second. */
        @JsonProperty
        public double operationsPerSecond() {
            return perSecond(operations);
        }

        private double perSecond(long count) {
            return seconds > 0 ? count / seconds : 0;
        }
    }

    /**
     * What is to be said about a run.
     *
     * @param errors how often each error happened
     * @param brokenPromises sentences; empty when the broker kept all promises
     */
    public record Verdict(Map<String, Long> errors, List<String> brokenPromises) {

        /** Copies the collections. */
        public Verdict {
            errors = new TreeMap<>(errors);
            brokenPromises = List.copyOf(brokenPromises);
        }

        /** Looks for promises that were broken. */
        public static Verdict of(
                Scenario scenario,
                Counts counts,
                Connections connections,
                Latency latency,
                Map<String, Long> errors) {
            return new Verdict(errors, Promises.broken(scenario, counts, connections, latency));
        }
    }

    /** Copies the list. */
    public Report {
        seconds = List.copyOf(seconds);
    }

    /** Whether the broker kept everything that it must keep. */
    @JsonProperty
    public boolean allPromisesKept() {
        return verdict.brokenPromises().isEmpty();
    }

    /** One JSON object on one line. */
    public String json() {
        try {
            return new ObjectMapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "records of numbers and texts can always be written", e);
        }
    }

    /** For people. */
    public String text() {
        return new TextReport(this).text();
    }

    /** One HTML page with plots, which needs nothing else. */
    public String html() {
        return new HtmlReport(this).page();
    }
}
