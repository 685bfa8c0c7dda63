--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: evergreen; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA evergreen;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: activations; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.activations (
    use_case text NOT NULL,
    n integer NOT NULL,
    release integer NOT NULL,
    why text NOT NULL,
    run_id text NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE activations; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.activations IS 'the active release of a use case is the row with the highest n';


--
-- Name: alert_posts; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.alert_posts (
    use_case text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone
);


--
-- Name: TABLE alert_posts; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.alert_posts IS 'alerts that are to be posted, beside them so that those of before are not';


--
-- Name: alerts; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.alerts (
    use_case text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    text text NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE alerts; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.alerts IS 'what a person should look at, once a night and kind';


--
-- Name: copies; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.copies (
    use_case text NOT NULL,
    number integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE copies; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.copies IS 'versions that have their second copy, in the DVC remote and the git remote';


--
-- Name: costs; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.costs (
    use_case text NOT NULL,
    stage text NOT NULL,
    key text NOT NULL,
    wall_seconds double precision NOT NULL,
    cpu_seconds double precision NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: decisions; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.decisions (
    use_case text NOT NULL,
    key text NOT NULL,
    dataset_version integer NOT NULL,
    retrain boolean NOT NULL,
    body jsonb NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE decisions; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.decisions IS 'every retrain decision, the no as well as the yes';


--
-- Name: exclusions; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.exclusions (
    use_case text NOT NULL,
    source text NOT NULL,
    key text NOT NULL,
    hash text NOT NULL,
    batch text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: gates; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.gates (
    use_case text NOT NULL,
    model_version integer NOT NULL,
    verdict text NOT NULL,
    approved boolean,
    body jsonb NOT NULL,
    window_start timestamp with time zone,
    window_end timestamp with time zone,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: holds; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.holds (
    id bigint NOT NULL,
    use_case text NOT NULL,
    what text NOT NULL,
    held boolean NOT NULL,
    reason text NOT NULL,
    run_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE holds; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.holds IS 'a hold placed or ended; the last row of (use_case, what) counts';


--
-- Name: holds_id_seq; Type: SEQUENCE; Schema: evergreen; Owner: -
--

ALTER TABLE evergreen.holds ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME evergreen.holds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: items; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.items (
    id bigint NOT NULL,
    use_case text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    outcome text,
    lease_owner text,
    as_of timestamp with time zone,
    lease_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone
);


--
-- Name: TABLE items; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.items IS 'what is to be done: an asset event only wakes, the oldest open item decides';


--
-- Name: items_id_seq; Type: SEQUENCE; Schema: evergreen; Owner: -
--

ALTER TABLE evergreen.items ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME evergreen.items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: measurements; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.measurements (
    use_case text NOT NULL,
    dataset_version integer NOT NULL,
    release integer NOT NULL,
    violation boolean,
    body jsonb NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: predictions; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.predictions (
    prediction_id text NOT NULL,
    use_case text NOT NULL,
    key text NOT NULL,
    at timestamp with time zone,
    data_time timestamp with time zone,
    made_at timestamp with time zone NOT NULL,
    release bigint NOT NULL,
    model_version bigint NOT NULL,
    dataset_version bigint,
    kind text NOT NULL,
    features_hash text NOT NULL,
    prediction text NOT NULL,
    probability double precision,
    probabilities text,
    features text
);


--
-- Name: publishes; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.publishes (
    use_case text NOT NULL,
    number integer NOT NULL,
    body jsonb NOT NULL,
    data_time timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE publishes; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.publishes IS 'a projection of the data registry''s tags';


--
-- Name: releases; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.releases (
    use_case text NOT NULL,
    number integer NOT NULL,
    model_version integer NOT NULL,
    body jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: rollouts; Type: TABLE; Schema: evergreen; Owner: -
--

CREATE TABLE evergreen.rollouts (
    id bigint NOT NULL,
    use_case text NOT NULL,
    run_id text NOT NULL,
    release integer NOT NULL,
    percent integer NOT NULL,
    state text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE rollouts; Type: COMMENT; Schema: evergreen; Owner: -
--

COMMENT ON TABLE evergreen.rollouts IS 'each step of a rollout; the last row of the last run says how traffic is shared';


--
-- Name: rollouts_id_seq; Type: SEQUENCE; Schema: evergreen; Owner: -
--

ALTER TABLE evergreen.rollouts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME evergreen.rollouts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Data for Name: activations; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.activations VALUES
	('toy', 1, 1, 'gate: pass against baseline', 'run-20240131T020000Z/4', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.28377+00');


--
-- Data for Name: alert_posts; Type: TABLE DATA; Schema: evergreen; Owner: -
--



--
-- Data for Name: alerts; Type: TABLE DATA; Schema: evergreen; Owner: -
--



--
-- Data for Name: copies; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.copies VALUES
	('toy', 1, '2026-11-28 21:16:16.300023+00'),
	('toy', 2, '2026-11-28 21:16:35.675909+00'),
	('toy', 3, '2026-11-28 21:16:55.291912+00');


--
-- Data for Name: costs; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.costs VALUES
	('toy', 'train', 'toy-3/search-0', 2.2304801430000225, 0.18141698900000014, '2024-01-31 02:00:00+00', '2026-11-28 21:16:19.129318+00'),
	('toy', 'train', 'toy-3/evaluate', 5.094643813999937, 4.503301553, '2024-01-31 02:00:00+00', '2026-11-28 21:16:25.129877+00'),
	('toy', 'train', 'toy-3/gate', 0.8395429540000805, 0.8366683979999996, '2024-01-31 02:00:00+00', '2026-11-28 21:16:25.974081+00'),
	('toy', 'package', 'run-20240131T020000Z', 1.906872655999905, 0.5639371880000006, '2024-01-31 02:00:00+00', '2026-11-28 21:16:27.957358+00'),
	('toy', 'train', 'toy-8/search-0', 1.6449296549999417, 0.18979632699999982, '2024-02-01 02:00:00+00', '2026-11-28 21:16:48.088833+00'),
	('toy', 'train', 'toy-8/evaluate', 3.726149803999988, 3.6491964550000002, '2024-02-01 02:00:00+00', '2026-11-28 21:16:52.754975+00'),
	('toy', 'train', 'toy-8/gate', 0.7547978079999211, 0.7478062979999995, '2024-02-01 02:00:00+00', '2026-11-28 21:16:53.513556+00');


--
-- Data for Name: decisions; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.decisions VALUES
	('toy', 'item 1', 1, true, '{"metrics": {"labelled_rows": 1160.0, "spent_seconds": 0.0}, "reasons": [{"text": "retraining is not held", "check": "hold", "limit": null, "value": null, "passed": true}, {"text": "1,160 labelled rows, at least the 100 it takes to learn and to judge (twice `promotion.min_rows`)", "check": "enough_rows", "limit": 100.0, "value": 1160.0, "passed": true}, {"text": "policy `when_it_pays`: the reasons below decide", "check": "policy", "limit": null, "value": null, "passed": true}, {"text": "nothing has been trained yet", "check": "cooldown", "limit": 259200.0, "value": null, "passed": true}, {"text": "no release yet, so no row is new", "check": "min_new_rows", "limit": 1000.0, "value": null, "passed": null}, {"text": "no challenger has failed the gate since the last that passed", "check": "gate_failure", "limit": null, "value": null, "passed": true}, {"text": "there is no budget", "check": "budget", "limit": null, "value": 0.0, "passed": true}, {"text": "there is no release yet: a first model is wanted", "check": "release", "limit": null, "value": null, "passed": true}, {"text": "no window has been measured", "check": "trigger", "limit": 2.0, "value": null, "passed": null}, {"text": "no release yet to have grown since", "check": "growth", "limit": 0.3, "value": null, "passed": null}, {"text": "no release yet to grow old", "check": "at_least_every", "limit": null, "value": null, "passed": null}, {"text": "no release yet to differ from", "check": "spec_changed", "limit": null, "value": null, "passed": null}, {"text": "no release yet that could lose a column", "check": "columns", "limit": null, "value": null, "passed": null}, {"text": "no labelled predictions yet: a gain can''t be foretold", "check": "expected_gain", "limit": null, "value": null, "passed": null}, {"text": "retrained, since there is no release yet: a first model is wanted", "check": "decision", "limit": null, "value": null, "passed": true}], "release": null, "retrain": true, "use_case": "toy", "data_time": "2024-01-31T02:00:00Z", "dataset_version": 1}', '2024-01-31 02:00:00+00', '2026-11-28 21:16:16.380174+00'),
	('toy', 'item 6', 2, false, '{"metrics": {"new_rows": 40.0, "labelled_rows": 1200.0, "spent_seconds": 8.164667, "expected_cost_seconds": 8.164667}, "reasons": [{"text": "retraining is not held", "check": "hold", "limit": null, "value": null, "passed": true}, {"text": "1,200 labelled rows, at least the 100 it takes to learn and to judge (twice `promotion.min_rows`)", "check": "enough_rows", "limit": 100.0, "value": 1200.0, "passed": true}, {"text": "policy `when_it_pays`: the reasons below decide", "check": "policy", "limit": null, "value": null, "passed": true}, {"text": "1d since the last training on 2024-01-31 02:00, within the cooldown of 3d", "check": "cooldown", "limit": 259200.0, "value": 86400.0, "passed": false}, {"text": "40 new labelled rows since release 1, fewer than 1,000", "check": "min_new_rows", "limit": 1000.0, "value": 40.0, "passed": false}, {"text": "no challenger has failed the gate since the last that passed", "check": "gate_failure", "limit": null, "value": null, "passed": true}, {"text": "there is no budget", "check": "budget", "limit": null, "value": 8.164667, "passed": true}, {"text": "release 1 is active", "check": "release", "limit": null, "value": 1.0, "passed": false}, {"text": "0 of the last 1 window in violation, at least 2 are asked for", "check": "trigger", "limit": 2.0, "value": 0.0, "passed": false}, {"text": "labelled rows have grown by 3.4% since release 1 was trained, less than 30%", "check": "growth", "limit": 0.3, "value": 0.034482758620689655, "passed": false}, {"text": "release 1 was trained 1d ago, less than 28d", "check": "at_least_every", "limit": 2419200.0, "value": 86400.0, "passed": false}, {"text": "what the YAML says of the model is the same as when the active model was trained", "check": "spec_changed", "limit": null, "value": null, "passed": false}, {"text": "the table has all columns of release 1", "check": "columns", "limit": null, "value": null, "passed": false}, {"text": "no labelled predictions yet: a gain can''t be foretold", "check": "expected_gain", "limit": null, "value": null, "passed": null}, {"text": "not retrained, since 1d since the last training on 2024-01-31 02:00, within the cooldown of 3d, 40 new labelled rows since release 1, fewer than 1,000", "check": "decision", "limit": null, "value": null, "passed": false}], "release": 1, "retrain": false, "use_case": "toy", "data_time": "2024-02-01T02:00:00Z", "dataset_version": 2}', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.667844+00');


--
-- Data for Name: exclusions; Type: TABLE DATA; Schema: evergreen; Owner: -
--



--
-- Data for Name: gates; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.gates VALUES
	('toy', 1, 'pass', NULL, '{"window": ["2024-01-22T14:30:00Z", "2024-01-29T14:30:00Z"], "against": "baseline", "metrics": {"rows": 280.0, "blocks": 7.0, "gain_f1": 0.7336244541484717, "difference": 0.30124892334194664, "gain_brier": 0.07107261224012659, "champion_f1": 0.0, "gain_f1_low": 0.6698388254452304, "gain_pr_auc": 0.3168770495601874, "gain_recall": 0.7777777777777778, "gain_f1_high": 0.7915128954833679, "gain_roc_auc": 0.30124892334194664, "challenger_f1": 0.7336244541484717, "gain_accuracy": 0.16785714285714282, "gain_log_loss": 0.08368025960868919, "champion_brier": 0.23759084821428472, "difference_low": 0.2434849010541949, "gain_brier_low": 0.04186248896040587, "gain_precision": 0.6942148760330579, "champion_f1_low": 0.0, "champion_pr_auc": 0.38571428571428573, "champion_recall": 0.0, "difference_high": 0.43121797348938806, "gain_brier_high": 0.13679538961949822, "gain_pr_auc_low": 0.2365537197256502, "gain_recall_low": 0.6992851779295164, "challenger_brier": 0.16651823597415813, "champion_f1_high": 0.0, "champion_roc_auc": 0.5, "gain_pr_auc_high": 0.49760454168789614, "gain_recall_high": 0.954386127436366, "gain_roc_auc_low": 0.2398935159945144, "challenger_f1_low": 0.6698388254452304, "challenger_pr_auc": 0.7025913352744731, "challenger_recall": 0.7777777777777778, "champion_accuracy": 0.6142857142857143, "champion_log_loss": 0.6681480517626306, "gain_accuracy_low": 0.07327236180447122, "gain_log_loss_low": -0.029854621183314403, "gain_roc_auc_high": 0.4392985898736692, "challenger_f1_high": 0.7915128954833679, "challenger_roc_auc": 0.8012489233419466, "champion_brier_low": 0.21865315563902388, "champion_precision": 0.0, "gain_accuracy_high": 0.2337561744297473, "gain_log_loss_high": 0.3391337413906973, "gain_precision_low": 0.6012977806515762, "challenger_accuracy": 0.7821428571428571, "challenger_log_loss": 0.5844677921539414, "champion_brier_high": 0.2460076004699562, "champion_pr_auc_low": 0.27902305993816834, "champion_recall_low": 0.0, "gain_precision_high": 0.7658806837424018, "challenger_brier_low": 0.12240039909821827, "challenger_precision": 0.6942148760330579, "champion_pr_auc_high": 0.43313260828144906, "champion_recall_high": 0.0, "champion_roc_auc_low": 0.5, "challenger_brier_high": 0.19481718416387026, "challenger_pr_auc_low": 0.6009622502457622, "challenger_recall_low": 0.6992851779295164, "champion_accuracy_low": 0.566867391718551, "champion_log_loss_low": 0.6298672033322846, "champion_roc_auc_high": 0.5, "challenger_pr_auc_high": 0.8604163519197645, "challenger_recall_high": 0.954386127436366, "challenger_roc_auc_low": 0.7398935159945144, "champion_accuracy_high": 0.7209769400618318, "champion_log_loss_high": 0.6851617621761177, "champion_precision_low": 0.0, "gain_calibration_error": -0.0790277003970043, "challenger_accuracy_low": 0.6950982124167384, "challenger_log_loss_low": 0.41047332843294665, "challenger_roc_auc_high": 0.9392985898736692, "champion_precision_high": 0.0, "challenger_accuracy_high": 0.8208293659100211, "challenger_log_loss_high": 0.7005184448944586, "challenger_precision_low": 0.6012977806515762, "challenger_precision_high": 0.7658806837424018, "champion_calibration_error": 0.0255357142857142, "gain_calibration_error_low": -0.14767028686048572, "gain_calibration_error_high": 0.07541811914582888, "challenger_calibration_error": 0.1045634146827185, "champion_calibration_error_low": 0.0, "champion_calibration_error_high": 0.12559200870454842, "challenger_calibration_error_low": 0.06406298232857652, "challenger_calibration_error_high": 0.14385076476868908}, "reasons": [{"text": "280 label-mature rows in the gate window; 50 are needed", "check": "rows", "limit": 50.0, "value": 280.0, "passed": true}, {"text": "roc_auc 0.80125 against 0.5: gain +0.30125, between +0.24348 and +0.43122 at 96.96% confidence; 0 is asked for: enough", "check": "gain", "limit": 0.0, "value": 0.30124892334194664, "passed": true}], "verdict": "pass", "use_case": "toy", "window_uses": 0, "model_version": 1, "dataset_version": 1}', '2024-01-22 14:30:00+00', '2024-01-29 14:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:25.976781+00'),
	('toy', 2, 'not_enough_evidence', NULL, '{"window": ["2024-01-23T14:30:00Z", "2024-01-30T14:30:00Z"], "against": "release 1", "metrics": {"rows": 280.0, "blocks": 7.0, "gain_f1": 0.0, "difference": -0.0024598930481283254, "gain_brier": -0.0018049371926342206, "champion_f1": 0.7672413793103449, "gain_f1_low": 0.0, "gain_pr_auc": -0.02243451137193364, "gain_recall": 0.0, "gain_f1_high": 0.0, "gain_roc_auc": -0.0024598930481283254, "challenger_f1": 0.7672413793103449, "gain_accuracy": 0.0, "gain_log_loss": -0.07386518073134574, "champion_brier": 0.15169593298180392, "difference_low": -0.008816901801346456, "gain_brier_low": -0.005207015832550467, "gain_precision": 0.0, "champion_f1_low": 0.6924063301350865, "champion_pr_auc": 0.7244989231823439, "champion_recall": 0.8090909090909091, "difference_high": 0.0023654142826366525, "gain_brier_high": 0.0014295172089550745, "gain_pr_auc_low": -0.04168061795918562, "gain_recall_low": 0.0, "challenger_brier": 0.15350087017443814, "champion_f1_high": 0.8626661604641646, "champion_roc_auc": 0.8185294117647058, "gain_pr_auc_high": 0.0013964609857714597, "gain_recall_high": 0.0, "gain_roc_auc_low": -0.006696038979252766, "challenger_f1_low": 0.6924063301350865, "challenger_pr_auc": 0.7020644118104102, "challenger_recall": 0.8090909090909091, "champion_accuracy": 0.8071428571428572, "champion_log_loss": 0.543095977073169, "gain_accuracy_low": 0.0, "gain_log_loss_low": -0.14282705041080102, "gain_roc_auc_high": 0.0010523787477704333, "challenger_f1_high": 0.8626661604641646, "challenger_roc_auc": 0.8160695187165775, "champion_brier_low": 0.057511355787303084, "champion_precision": 0.7295081967213115, "gain_accuracy_high": 0.0, "gain_log_loss_high": -0.008403490358112997, "gain_precision_low": 0.0, "challenger_accuracy": 0.8071428571428572, "challenger_log_loss": 0.6169611578045148, "champion_brier_high": 0.19355574506824874, "champion_pr_auc_low": 0.6230648234590314, "champion_recall_low": 0.7052863006808656, "gain_precision_high": 0.0, "challenger_brier_low": 0.07153973313608207, "challenger_precision": 0.7295081967213115, "champion_pr_auc_high": 0.8234220956979521, "champion_recall_high": 1.0, "champion_roc_auc_low": 0.7488680635902614, "challenger_brier_high": 0.1970220236176492, "challenger_pr_auc_low": 0.5951888251650459, "challenger_recall_low": 0.7052863006808656, "champion_accuracy_low": 0.7476140133341042, "champion_log_loss_low": 0.1951368532589301, "champion_roc_auc_high": 0.975267445157206, "challenger_pr_auc_high": 0.8167580704067433, "challenger_recall_high": 1.0, "challenger_roc_auc_low": 0.7448225719133581, "champion_accuracy_high": 0.88391368225592, "champion_log_loss_high": 0.6977444765461641, "champion_precision_low": 0.637772155311474, "gain_calibration_error": -0.011365385652192486, "challenger_accuracy_low": 0.7476140133341042, "challenger_log_loss_low": 0.30368825494241086, "challenger_roc_auc_high": 0.9763751490238212, "champion_precision_high": 0.8011792787955568, "challenger_accuracy_high": 0.88391368225592, "challenger_log_loss_high": 0.8229369731695019, "challenger_precision_low": 0.637772155311474, "challenger_precision_high": 0.8011792787955568, "champion_calibration_error": 0.08173142324745113, "gain_calibration_error_low": -0.04773617829412282, "gain_calibration_error_high": 0.040615551795060524, "challenger_calibration_error": 0.09309680889964361, "champion_calibration_error_low": 0.0, "champion_calibration_error_high": 0.13509945703888576, "challenger_calibration_error_low": 0.012977360579211769, "challenger_calibration_error_high": 0.16271114173846538}, "reasons": [{"text": "280 label-mature rows in the gate window; 50 are needed", "check": "rows", "limit": 50.0, "value": 280.0, "passed": true}, {"text": "roc_auc 0.81607 against 0.81853: gain -0.0024599, between -0.0088169 and +0.0023654 at 99.24% confidence; 0 is asked for: too uncertain to tell", "check": "gain", "limit": 0.0, "value": -0.0024598930481283254, "passed": null}, {"text": "this window has judged 1 challenger(s) before; 99.240% confidence is asked for instead of 95.000%", "check": "window_reuse", "limit": null, "value": 1.0, "passed": null}], "verdict": "not_enough_evidence", "use_case": "toy", "window_uses": 1, "model_version": 2, "dataset_version": 2}', '2024-01-23 14:30:00+00', '2024-01-30 14:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:53.517177+00');


--
-- Data for Name: holds; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.holds OVERRIDING SYSTEM VALUE VALUES
	(1, 'toy', 'ingest', true, 'data rolled back to v1 as v3', 'cli-20261128T211655', '2026-11-28 21:16:55.279217+00'),
	(2, 'toy', 'retrain', true, 'data rolled back to v1 as v3', 'cli-20261128T211655', '2026-11-28 21:16:55.279217+00');


--
-- Data for Name: items; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.items OVERRIDING SYSTEM VALUE VALUES
	(1, 'toy', 'monitor', 'toy@v1', '{"dataset_version": 1}', 'done', 'retrain', 'run-20240131T020000Z', '2024-01-31 02:00:00+00', '2026-11-28 23:16:16.309997+00', '2026-11-28 21:16:16.264545+00', '2026-11-28 21:16:16.384+00'),
	(2, 'toy', 'score', 'toy@v1', '{"dataset_version": 1}', 'superseded', 'by activation 1', NULL, '2024-01-31 02:00:00+00', NULL, '2026-11-28 21:16:16.264545+00', '2026-11-28 21:16:33.310687+00'),
	(3, 'toy', 'train', 'toy@v1', '{"dataset_version": 1}', 'done', 'model 1: pass', 'run-20240131T020000Z', '2024-01-31 02:00:00+00', '2026-11-28 23:21:16.446931+00', '2026-11-28 21:16:16.380174+00', '2026-11-28 21:16:26.031677+00'),
	(5, 'toy', 'score', 'activation 1', '{"dataset_version": 1}', 'done', '40 rows by release 1', 'run-20240131T020000Z', '2024-01-31 02:00:00+00', '2026-11-28 23:16:33.310687+00', '2026-11-28 21:16:33.28377+00', '2026-11-28 21:16:33.386069+00'),
	(4, 'toy', 'deploy', 'model 1', '{"model": {"uri": "file://@HOME@/mlflow/toy/models/m-4c737053931745dd810dd1199faa96c8/artifacts/predictor", "seed": 0, "params": {"C": 0.03, "l1_ratio": 0.0, "_calibration": {"curves": [[[0.065539, 0.077453, 0.077949, 0.096235, 0.096884, 0.336431, 0.338215, 0.383901, 0.383997, 0.415812, 0.416415, 0.417494, 0.419125, 0.432428, 0.433516, 0.449086, 0.449301, 0.456866, 0.457112, 0.578321, 0.578459, 0.714776, 0.715284, 0.808988, 0.822206], [0.001661, 0.001661, 0.037037, 0.037037, 0.068807, 0.068807, 0.142857, 0.142857, 0.230769, 0.230769, 0.5, 0.5, 0.583333, 0.583333, 0.642857, 0.642857, 0.75, 0.75, 0.788462, 0.788462, 0.8, 0.8, 0.857143, 0.857143, 0.998339]]], "method": "isotonic"}}, "run_id": "26cdb4b4320b4f35bf14133a89ba0a3d", "sha256": "f3ac5ab657847c13e270c593eb41a6bf2dda62713ddcc3fb85b6bdef9c7885b5", "version": 1, "twin_uri": null, "use_case": "toy", "candidate": "logistic_regression", "kept_apart": {"share": null, "before": "2024-01-22T14:30:00Z", "columns": []}, "twin_sha256": null, "trained_before": "2024-01-22T14:30:00Z", "dataset_version": 1}}', 'done', 'release 1', 'run-20240131T020000Z', '2024-01-31 02:00:00+00', '2026-11-28 23:36:33.27511+00', '2026-11-28 21:16:26.029936+00', '2026-11-28 21:16:33.298879+00'),
	(6, 'toy', 'monitor', 'toy@v2', '{"dataset_version": 2}', 'done', 'no retraining', 'run-20240201T020000Z', '2024-02-01 02:00:00+00', '2026-11-28 23:16:37.997896+00', '2026-11-28 21:16:35.657384+00', '2026-11-28 21:16:43.670967+00'),
	(7, 'toy', 'score', 'toy@v2', '{"dataset_version": 2}', 'done', '40 rows by release 1', 'run-20240201T020000Z', '2024-02-01 02:00:00+00', '2026-11-28 23:16:43.733657+00', '2026-11-28 21:16:35.657384+00', '2026-11-28 21:16:43.815395+00'),
	(8, 'toy', 'train', 'toy@v2 by cli-20261128T211645', '{"dataset_version": 2}', 'done', 'model 2: not_enough_evidence', 'cli-20261128T211645', '2024-02-01 02:00:00+00', '2026-11-28 23:21:46.115185+00', '2026-11-28 21:16:46.108459+00', '2026-11-28 21:16:53.575794+00'),
	(9, 'toy', 'monitor', 'toy@v3', '{"dataset_version": 3}', 'open', NULL, NULL, '2024-01-31 02:00:00+00', NULL, '2026-11-28 21:16:55.279217+00', NULL),
	(10, 'toy', 'score', 'toy@v3', '{"dataset_version": 3}', 'open', NULL, NULL, '2024-01-31 02:00:00+00', NULL, '2026-11-28 21:16:55.279217+00', NULL);


--
-- Data for Name: measurements; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.measurements VALUES
	('toy', 2, 1, false, '{"drop": null, "as_of": "2024-02-01T02:00:00Z", "report": "@HOME@/reports/toy/toy@v2-release1.html", "served": {"low": null, "high": null, "rows": 0, "value": null, "metric": "roc_auc", "confidence": 0.95}, "window": ["2024-01-25T02:00:00Z", "2024-02-01T02:00:00Z"], "columns": [{"kind": "categorical", "value": 0.005899452846901153, "column": "shop", "method": "psi", "drifted": false, "evidently": 0.005899452846901153, "threshold": 0.2, "missing_current": 0.0, "missing_drifted": false, "missing_reference": 0.0}, {"kind": "numeric", "value": 0.04495950864153176, "column": "price", "method": "psi", "drifted": false, "evidently": 0.04495950864153176, "threshold": 0.2, "missing_current": 0.0, "missing_drifted": false, "missing_reference": 0.0}, {"kind": "numeric", "value": 0.0537026587526604, "column": "weight", "method": "psi", "drifted": false, "evidently": 0.0537026587526604, "threshold": 0.2, "missing_current": 0.0, "missing_drifted": false, "missing_reference": 0.0}], "reasons": [{"text": "0 of 3 features have drifted; at or above 0.2 is drift", "check": "drift", "limit": 0.0, "value": 0.0, "passed": true}, {"text": "no feature''s missing values have moved", "check": "missing", "limit": null, "value": 0.0, "passed": true}, {"text": "roc_auc can''t be judged on 0 labelled predictions; it takes at least 100", "check": "performance", "limit": null, "value": null, "passed": null}, {"text": "no labelled prediction''s features could be compared", "check": "features", "limit": null, "value": null, "passed": null}], "replayed": {"low": null, "high": null, "rows": 0, "value": null, "metric": "roc_auc", "confidence": 0.95}, "use_case": "toy", "violation": false, "closed_rows": 0, "performance": {"low": null, "high": null, "rows": 0, "value": null, "metric": "roc_auc", "confidence": 0.95}, "current_rows": 280, "not_compared": [], "reference_rows": 800, "drift_violation": false, "unlabelled_rows": 0, "reference_metric": 0.8012489233419466, "features_compared": 0, "features_mismatch": 0, "performance_violation": null}', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.538135+00');


--
-- Data for Name: predictions; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.predictions VALUES
	('557e58a38ffa9b35355c4bb5ac3a80ba', 'toy', '20240131-000', '2024-01-31 08:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'b32391ed8b8c18aca85d5f9f87c8f2ba', 'true', 0.788462, NULL, NULL),
	('f6ad9c113d619f18687e3128ea56adbb', 'toy', '20240131-001', '2024-01-31 08:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'e97b2d81137004811a590a4dad1ac83f', 'true', 0.8778801741986607, NULL, NULL),
	('d2515afcd4d9e90f8ddd4dbd3082bcc1', 'toy', '20240131-002', '2024-01-31 08:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '4115ab4c0324b4cb9651a4740550896b', 'true', 0.788462, NULL, NULL),
	('d09c430cdd9851bed030ec74d7025b92', 'toy', '20240131-003', '2024-01-31 08:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'dcf4a68c981d388e4a26b1b30ea960c2', 'false', 0.068807, NULL, NULL),
	('6fb72731451d4e8caa6c13550f5352b7', 'toy', '20240131-004', '2024-01-31 08:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'bda1944d7eda342aedec03e8fa55da1b', 'false', 0.068807, NULL, NULL),
	('2383ad76aac977170a0bebdcae03c3b2', 'toy', '20240131-005', '2024-01-31 08:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '9e6ae48c91ef17f26c50f8b5dfd4de2a', 'false', 0.02556952295444252, NULL, NULL),
	('d13c74bb71ab8aba25c4cbe2032515dd', 'toy', '20240131-006', '2024-01-31 09:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'f150359a72c7bf145b54d4d4067c2432', 'false', 0.32120568802574273, NULL, NULL),
	('5098e0c3b9f8fb8de033a0141d78cfe1', 'toy', '20240131-007', '2024-01-31 09:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '8707b261f342c07a646ffab1e867f160', 'false', 0.142857, NULL, NULL),
	('6a22c662824e8a79dd138a4d8845d282', 'toy', '20240131-008', '2024-01-31 09:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '23303e9e0f2d883b0016baae3b40bcf4', 'true', 0.8, NULL, NULL),
	('823b6a075bf2219e5dc5b4c17bbafd65', 'toy', '20240131-009', '2024-01-31 09:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '4a6d307d612d7b0133b10414d65c57bf', 'false', 0.068807, NULL, NULL),
	('5e261c368a0d1d250d2a6271f5e0f50d', 'toy', '20240131-010', '2024-01-31 09:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'daa9a62872ff0ba22a8d8e54b8a14c10', 'false', 0.068807, NULL, NULL),
	('690e52bf2097ba10f7042bf6ab8958ab', 'toy', '20240131-011', '2024-01-31 09:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'aa83e0d4c0ee970be96ffb3305e231e2', 'false', 0.068807, NULL, NULL),
	('cdc356e57821e5b250363e02d8fd50c1', 'toy', '20240131-012', '2024-01-31 10:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '577280cf6523323738b937215c36f519', 'true', 0.857143, NULL, NULL),
	('2adb2ee4fce4cc84c738639cf997e1d1', 'toy', '20240131-013', '2024-01-31 10:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'ecebece29b5b4129a4de226220e656ae', 'false', 0.068807, NULL, NULL),
	('05c64c36e5620a7335f078ef10e3700f', 'toy', '20240131-014', '2024-01-31 10:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '69a6e6a1dcbf546be27fe4c80b7118fa', 'true', 0.8, NULL, NULL),
	('fc193da4144102c1602dcbb4ce2cf544', 'toy', '20240131-015', '2024-01-31 10:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'fb0bdce4f69da8e9943725c7dd3700e7', 'false', 0.068807, NULL, NULL),
	('e989cd6e90c14c6e7512ff2f74e3c6f0', 'toy', '20240131-016', '2024-01-31 10:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '46b1da0c20121e0c05ff553c1700185e', 'true', 0.8, NULL, NULL),
	('434cccd832fd405448f9d434cd79b7ee', 'toy', '20240131-017', '2024-01-31 10:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '0d687b27e0e9623a796a97e0947a25c2', 'true', 0.788462, NULL, NULL),
	('471efe91e7b0acb3574b5cdf299ba7ba', 'toy', '20240131-018', '2024-01-31 11:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'ca0284243cae8c0d6bf15ff6376241cc', 'true', 0.8, NULL, NULL),
	('d0f869bf10bfb100db73f7f8b83e66e7', 'toy', '20240131-019', '2024-01-31 11:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '9e05fc1f228d9a67acf0235605a4cdc0', 'false', 0.068807, NULL, NULL);
INSERT INTO evergreen.predictions VALUES
	('30ca05ab164787608f4f937503f88cff', 'toy', '20240131-020', '2024-01-31 11:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '30c53f89d63ed9db636049f8e9dbfdf7', 'true', 0.8, NULL, NULL),
	('9c49cd3ede3799bea45f18bd557393a5', 'toy', '20240131-021', '2024-01-31 11:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'f31decfa9e2b2e5b2fbf230b38911342', 'false', 0.001661, NULL, NULL),
	('bd033aeae4f20ad4db669021764f6bba', 'toy', '20240131-022', '2024-01-31 11:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'f4dae21288f5a71ac79c91f5d465ce76', 'false', 0.068807, NULL, NULL),
	('e656a639e0ddf29e124c923eb18671c3', 'toy', '20240131-023', '2024-01-31 11:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '02d266c20b35f5bd49bbb1e6b590eb66', 'true', 0.857143, NULL, NULL),
	('a8bded57e9bfa522faf4d9871ee5039b', 'toy', '20240131-024', '2024-01-31 12:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'e7d72de95923d306fd8fb9446c2a3519', 'false', 0.142857, NULL, NULL),
	('faffa24aa7638f07422329c9d6ab2db4', 'toy', '20240131-025', '2024-01-31 12:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '8864d1a8932229b9e6c4229c8f5d2456', 'true', 0.583333, NULL, NULL),
	('15d3f53920563de5e8519d73d584791e', 'toy', '20240131-026', '2024-01-31 12:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '2447c02dd3440c77497dedc188a0291b', 'true', 0.857143, NULL, NULL),
	('3be1ba9806bf26668a8cd296db2f2221', 'toy', '20240131-027', '2024-01-31 12:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '089f399e4f7b028ec18f2874de6fc84b', 'false', 0.001661, NULL, NULL),
	('73babdd06b6f7b7332f2be036922c1a6', 'toy', '20240131-028', '2024-01-31 12:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'a2a3ddc64dbf8cc50603d0150ed74835', 'true', 0.9961694948287931, NULL, NULL),
	('bfb0660d7e9357af8fb42879cf22e1f3', 'toy', '20240131-029', '2024-01-31 12:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'ec7178fe64e8c19672b2dbf3a1311cf5', 'true', 0.8, NULL, NULL),
	('59eb6d447a91bd592e97a75d7469fe16', 'toy', '20240131-030', '2024-01-31 13:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'ad013f735f3b92fef98e59c89cedb4f4', 'true', 0.857143, NULL, NULL),
	('f81ce98fc9c0e3ed0d50b713a399c5f4', 'toy', '20240131-031', '2024-01-31 13:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '5e27e47ea80f8c0c4cbda160c12913cc', 'false', 0.068807, NULL, NULL),
	('2fcab94bb215e494b8d2334b16243578', 'toy', '20240131-032', '2024-01-31 13:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '004e8b2561736f4810ecd547a012a768', 'false', 0.068807, NULL, NULL),
	('0e623b1e58d6f6962301dcc7d19549ea', 'toy', '20240131-033', '2024-01-31 13:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '60707dda61e7fe1c357161fdaf14d99a', 'false', 0.068807, NULL, NULL),
	('337cbd5fc607be21647bbc66ca055713', 'toy', '20240131-034', '2024-01-31 13:40:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'bc309db3d1839a45d700045f6a45654e', 'false', 0.001661, NULL, NULL),
	('c36627ae4f03f8b35e858c43a6743a80', 'toy', '20240131-035', '2024-01-31 13:50:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '328e66ee497d53fed7b8631c6f2fbced', 'true', 0.8, NULL, NULL),
	('cc0fb91872582d0366c6129b3d1816e3', 'toy', '20240131-036', '2024-01-31 14:00:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'cd8e99ba5930e3ab60b4bd385575ea0c', 'false', 0.068807, NULL, NULL),
	('11390f7d0f2a5bcd0f0528f87fa066e8', 'toy', '20240131-037', '2024-01-31 14:10:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '898292cf4ad2ef4ce5215a56910ebe01', 'true', 0.788462, NULL, NULL),
	('41de1322bd25a0ec05ca3478e240f47a', 'toy', '20240131-038', '2024-01-31 14:20:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', '904f7c99f907ff56f8ac1fd0557aaf61', 'true', 0.8, NULL, NULL),
	('de27d11d99ef145fb5ae8d5970b2b37f', 'toy', '20240131-039', '2024-01-31 14:30:00+00', '2024-01-31 02:00:00+00', '2026-11-28 21:16:33.31906+00', 1, 1, 1, 'batch', 'a659659741f6e92f3db1d6cf7b86da68', 'false', 0.068807, NULL, NULL);
INSERT INTO evergreen.predictions VALUES
	('035ce37db01505d212231d18bb481536', 'toy', '20240201-000', '2024-02-01 08:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '34c285e5007df9dffefbcee496d45798', 'false', 0.068807, NULL, NULL),
	('cae4316009de7be0bee01ce65f6d0764', 'toy', '20240201-001', '2024-02-01 08:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '097867b256deea96579d091c6c606057', 'true', 0.8, NULL, NULL),
	('2c0347099656b2aac2be326d50c40b64', 'toy', '20240201-002', '2024-02-01 08:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '7a06219e694fd6995b3dba2fad25358f', 'true', 0.8, NULL, NULL),
	('262d9ce71523cf93b2f74687db0fa55f', 'toy', '20240201-003', '2024-02-01 08:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'ad3e9309a04208000d8f85c3a8823b1e', 'true', 0.788462, NULL, NULL),
	('5789837f8df74b68d9c61a38e3414f0d', 'toy', '20240201-004', '2024-02-01 08:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '1fa8deb2460e21d9195e829d2f485e7d', 'true', 0.8, NULL, NULL),
	('626fcdebc029e8aa469fad9a8eeb15f5', 'toy', '20240201-005', '2024-02-01 08:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '3c8e0b4a611b04ecaaf7b03fbfafafd6', 'true', 0.857143, NULL, NULL),
	('4a020df7fb85b8e5018120606919d2df', 'toy', '20240201-006', '2024-02-01 09:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '8abc7cf9cd9236da284ebc8b6f4b3747', 'false', 0.068807, NULL, NULL),
	('3d82433898cd417d86d616a4d3e591e9', 'toy', '20240201-007', '2024-02-01 09:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'c1a4781a10e5dc8c563613c31f8ce710', 'true', 0.8, NULL, NULL),
	('a1ac0cfa0b023754c958bd3bc1f31293', 'toy', '20240201-008', '2024-02-01 09:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '3fe2b45316571704127a1673470e9ad0', 'true', 0.8, NULL, NULL),
	('2dbf5e34ea1e1d31af0daff0c5000455', 'toy', '20240201-009', '2024-02-01 09:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '756f59efe05a155a4cbb26c639c884b5', 'false', 0.037037, NULL, NULL),
	('f7aac10d4d849e2f35de3dc8c389c3e9', 'toy', '20240201-010', '2024-02-01 09:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'ba638f1af491cdf46aafe714fd436967', 'true', 0.857143, NULL, NULL),
	('2198623b76c6dcbe08efd5daf9fa8649', 'toy', '20240201-011', '2024-02-01 09:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '9393095e5d9c771dd294f2747b774521', 'false', 0.068807, NULL, NULL),
	('7d87cd221527331aa5d6cec48a553c5b', 'toy', '20240201-012', '2024-02-01 10:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'bc609bff115240659d884e23a35f262e', 'false', 0.001661, NULL, NULL),
	('827481fa3a50f351c46c95bf6046fcf7', 'toy', '20240201-013', '2024-02-01 10:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '8cc58db19255a4c0fee542fe9329a3af', 'false', 0.037037, NULL, NULL),
	('8fcb6513676189a73e65c50af5aa7475', 'toy', '20240201-014', '2024-02-01 10:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '2f6637531c0222f769cbec828fde864a', 'false', 0.068807, NULL, NULL),
	('66576ddff2bc6de509f16f692801cd63', 'toy', '20240201-015', '2024-02-01 10:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '8cf2bdeb1991f35f294adf9d1562bc80', 'true', 0.8, NULL, NULL),
	('11012d30851aa96fcd9557f234c6aaf7', 'toy', '20240201-016', '2024-02-01 10:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '733e26ed1ed0dae8e5cac3c7a6d50bfe', 'false', 0.001661, NULL, NULL),
	('d3dcb174b3047cdedf67414193e954d7', 'toy', '20240201-017', '2024-02-01 10:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'f5c4c38010eeab31da0d6ecee1e6d09d', 'false', 0.068807, NULL, NULL),
	('1146d3bcd089016f585e3f78cc3c530d', 'toy', '20240201-018', '2024-02-01 11:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'f0491955a7a399a6bc3cdfafd7bd5343', 'false', 0.142857, NULL, NULL),
	('0d52dfcb19f5345ddc7136fb53923234', 'toy', '20240201-019', '2024-02-01 11:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '758a2abf976936d2362421533e2a4e89', 'true', 0.9181980636388228, NULL, NULL);
INSERT INTO evergreen.predictions VALUES
	('1316d3d6add85d37859b7b96479e5369', 'toy', '20240201-020', '2024-02-01 11:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '124eb242c1de9e2ea00429f079f1e346', 'false', 0.068807, NULL, NULL),
	('4436659470f168171b69b6a6c9ec42e0', 'toy', '20240201-021', '2024-02-01 11:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '31e13cfe238f56778dd3ef0b04abf12d', 'true', 0.998339, NULL, NULL),
	('4b214293a2164ac13ce6f5d8b24310d4', 'toy', '20240201-022', '2024-02-01 11:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '0a0d951173b18f9ac1458faf639f5ba3', 'true', 0.788462, NULL, NULL),
	('0f9111be698a0f200f3b8ec497776753', 'toy', '20240201-023', '2024-02-01 11:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'c7a1e51a90c7a465ea7b65a9243fe446', 'true', 0.8, NULL, NULL),
	('097e3474792a47beeef9a05e73938213', 'toy', '20240201-024', '2024-02-01 12:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '9ac1bf82bf91e479da03cf2ec61871b4', 'true', 0.8, NULL, NULL),
	('b692e18a23d4d27207e3f187d1fed0ef', 'toy', '20240201-025', '2024-02-01 12:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '1aeef5a581ef55404a0ea11e7976f066', 'true', 0.75, NULL, NULL),
	('d91a93e278695e953b97ea34998f3404', 'toy', '20240201-026', '2024-02-01 12:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'bd34c1e495596159d31a4098c6a98320', 'true', 0.857143, NULL, NULL),
	('e2df04dc065b91b62431e1ebca567328', 'toy', '20240201-027', '2024-02-01 12:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '0a641d727aff9f535792ab6516fa33b8', 'true', 0.7768993389766534, NULL, NULL),
	('fb965717258e0c3359d817c6bc1dc5bf', 'toy', '20240201-028', '2024-02-01 12:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '20cc515a03c201104e37f5f5e505d6f2', 'true', 0.857143, NULL, NULL),
	('84039cddf0c627a57417ab58a09b7a72', 'toy', '20240201-029', '2024-02-01 12:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '59dcfeed845e28082de3d30153b15dea', 'false', 0.068807, NULL, NULL),
	('fff13b3eed23d3c517625abe42147efc', 'toy', '20240201-030', '2024-02-01 13:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'a0fd6035f67ea246b1bdf3a538c258be', 'true', 0.998339, NULL, NULL),
	('2da5926cca39f7ae38d0b0a503221f0f', 'toy', '20240201-031', '2024-02-01 13:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '0e9c8aaab89d38a1cb34bd3bceae7724', 'false', 0.068807, NULL, NULL),
	('40c916e6e613d68f38b1eaca083b54f8', 'toy', '20240201-032', '2024-02-01 13:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'bf73cf7b7a84f4441eac72f01909cb2a', 'false', 0.037037, NULL, NULL),
	('f72ee09d70811f11b022c04574b097c2', 'toy', '20240201-033', '2024-02-01 13:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'ff07f099cafea22f519cf0be9c8f3fcd', 'false', 0.230769, NULL, NULL),
	('27dfeaf7c6c15a44c8a84bbe52fb6fc7', 'toy', '20240201-034', '2024-02-01 13:40:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'a41132db42f91bd82bc78796c38e8d29', 'true', 0.8, NULL, NULL),
	('a214b9166f782bcbe21b68e252fb75cf', 'toy', '20240201-035', '2024-02-01 13:50:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'bd7740cb21de80cfe467f5cca4545fad', 'false', 0.037037, NULL, NULL),
	('57b32dcb629b123a2c29f0bb21d8e171', 'toy', '20240201-036', '2024-02-01 14:00:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '13779fad12b437bbc2025ba03772d4ca', 'false', 0.001661, NULL, NULL),
	('5ba9358dd0a21194b208d1c073c30044', 'toy', '20240201-037', '2024-02-01 14:10:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '150daf326dabb5e68381b9139a751ace', 'false', 0.068807, NULL, NULL),
	('bdd3fb8a156a2c7d80d4c1e51427ad5e', 'toy', '20240201-038', '2024-02-01 14:20:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', 'bc4ea889ac03e424f7b3a195f2a45b4a', 'false', 0.068807, NULL, NULL),
	('25d621cfa9b26c7483b218da98eb1753', 'toy', '20240201-039', '2024-02-01 14:30:00+00', '2024-02-01 02:00:00+00', '2026-11-28 21:16:43.744813+00', 1, 1, 2, 'batch', '8b2f5261fdf7bd952a1d8c7c65430e9c', 'false', 0.068807, NULL, NULL);


--
-- Data for Name: publishes; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.publishes VALUES
	('toy', 1, '{"rows": 1240, "tree": "7da58c0e877c8aec1bc5a817559fe97a.dir", "commit": "a8cd8a39647198878a2a8ee21ed363eace653839", "number": 1, "use_case": "toy", "data_time": "2024-01-31T02:00:00Z"}', '2024-01-31 02:00:00+00', '2026-11-28 21:16:16.264545+00'),
	('toy', 2, '{"rows": 1280, "tree": "e70c68294542f3c102d0e2ea94959741.dir", "commit": "1ac7e6a9b9df7a76c9b6bbfffb35cdb7d2692875", "number": 2, "use_case": "toy", "data_time": "2024-02-01T02:00:00Z"}', '2024-02-01 02:00:00+00', '2026-11-28 21:16:35.657384+00'),
	('toy', 3, '{"rows": 1240, "tree": "7da58c0e877c8aec1bc5a817559fe97a.dir", "commit": "49783525020a5ff7d906fd0d87af6dcd81b2281d", "number": 3, "use_case": "toy", "data_time": "2024-01-31T02:00:00Z"}', '2024-01-31 02:00:00+00', '2026-11-28 21:16:55.279217+00');


--
-- Data for Name: releases; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.releases VALUES
	('toy', 1, 1, '{"bento": {"tag": "toy:f3ac5ab657847c13-d92f399a", "path": "@HOME@/bentoml/bentos/toy/f3ac5ab657847c13-d92f399a", "sha256": "3001a544e67501425a606b7f392a037debc8894dc27d2e9b2d5a6fd43d0752e1", "use_case": "toy", "model_version": 1}, "model": {"uri": "file://@HOME@/mlflow/toy/models/m-4c737053931745dd810dd1199faa96c8/artifacts/predictor", "seed": 0, "params": {"C": 0.03, "l1_ratio": 0.0, "_calibration": {"curves": [[[0.065539, 0.077453, 0.077949, 0.096235, 0.096884, 0.336431, 0.338215, 0.383901, 0.383997, 0.415812, 0.416415, 0.417494, 0.419125, 0.432428, 0.433516, 0.449086, 0.449301, 0.456866, 0.457112, 0.578321, 0.578459, 0.714776, 0.715284, 0.808988, 0.822206], [0.001661, 0.001661, 0.037037, 0.037037, 0.068807, 0.068807, 0.142857, 0.142857, 0.230769, 0.230769, 0.5, 0.5, 0.583333, 0.583333, 0.642857, 0.642857, 0.75, 0.75, 0.788462, 0.788462, 0.8, 0.8, 0.857143, 0.857143, 0.998339]]], "method": "isotonic"}}, "run_id": "26cdb4b4320b4f35bf14133a89ba0a3d", "sha256": "f3ac5ab657847c13e270c593eb41a6bf2dda62713ddcc3fb85b6bdef9c7885b5", "version": 1, "twin_uri": null, "use_case": "toy", "candidate": "logistic_regression", "kept_apart": {"share": null, "before": "2024-01-22T14:30:00Z", "columns": []}, "twin_sha256": null, "trained_before": "2024-01-22T14:30:00Z", "dataset_version": 1}, "number": 1, "use_case": "toy", "dataset_version": 1}', '2026-11-28 21:16:33.269331+00');


--
-- Data for Name: rollouts; Type: TABLE DATA; Schema: evergreen; Owner: -
--

INSERT INTO evergreen.rollouts OVERRIDING SYSTEM VALUE VALUES
	(1, 'toy', 'run-20240131T020000Z', 1, 100, 'running', '{}', '2026-11-28 21:16:33.27511+00'),
	(2, 'toy', 'run-20240131T020000Z', 1, 100, 'completed', '{}', '2026-11-28 21:16:33.28377+00');


--
-- Name: holds_id_seq; Type: SEQUENCE SET; Schema: evergreen; Owner: -
--

SELECT pg_catalog.setval('evergreen.holds_id_seq', 2, true);


--
-- Name: items_id_seq; Type: SEQUENCE SET; Schema: evergreen; Owner: -
--

SELECT pg_catalog.setval('evergreen.items_id_seq', 10, true);


--
-- Name: rollouts_id_seq; Type: SEQUENCE SET; Schema: evergreen; Owner: -
--

SELECT pg_catalog.setval('evergreen.rollouts_id_seq', 2, true);


--
-- Name: activations activations_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.activations
    ADD CONSTRAINT activations_pkey PRIMARY KEY (use_case, n);


--
-- Name: activations activations_use_case_run_id_key; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.activations
    ADD CONSTRAINT activations_use_case_run_id_key UNIQUE (use_case, run_id);


--
-- Name: alert_posts alert_posts_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.alert_posts
    ADD CONSTRAINT alert_posts_pkey PRIMARY KEY (use_case, kind, key);


--
-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (use_case, kind, key);


--
-- Name: copies copies_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.copies
    ADD CONSTRAINT copies_pkey PRIMARY KEY (use_case, number);


--
-- Name: costs costs_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.costs
    ADD CONSTRAINT costs_pkey PRIMARY KEY (use_case, stage, key);


--
-- Name: decisions decisions_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (use_case, key);


--
-- Name: exclusions exclusions_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.exclusions
    ADD CONSTRAINT exclusions_pkey PRIMARY KEY (use_case, source, key, hash);


--
-- Name: gates gates_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.gates
    ADD CONSTRAINT gates_pkey PRIMARY KEY (use_case, model_version);


--
-- Name: holds holds_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (id);


--
-- Name: holds holds_use_case_what_run_id_held_key; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.holds
    ADD CONSTRAINT holds_use_case_what_run_id_held_key UNIQUE (use_case, what, run_id, held);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);


--
-- Name: items items_use_case_kind_subject_key; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.items
    ADD CONSTRAINT items_use_case_kind_subject_key UNIQUE (use_case, kind, subject);


--
-- Name: measurements measurements_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.measurements
    ADD CONSTRAINT measurements_pkey PRIMARY KEY (use_case, dataset_version, release);


--
-- Name: predictions predictions_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.predictions
    ADD CONSTRAINT predictions_pkey PRIMARY KEY (prediction_id);


--
-- Name: publishes publishes_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.publishes
    ADD CONSTRAINT publishes_pkey PRIMARY KEY (use_case, number);


--
-- Name: releases releases_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.releases
    ADD CONSTRAINT releases_pkey PRIMARY KEY (use_case, number);


--
-- Name: rollouts rollouts_pkey; Type: CONSTRAINT; Schema: evergreen; Owner: -
--

ALTER TABLE ONLY evergreen.rollouts
    ADD CONSTRAINT rollouts_pkey PRIMARY KEY (id);


--
-- Name: predictions_key; Type: INDEX; Schema: evergreen; Owner: -
--

CREATE INDEX predictions_key ON evergreen.predictions USING btree (use_case, release, kind, key);


--
-- Name: predictions_time; Type: INDEX; Schema: evergreen; Owner: -
--

CREATE INDEX predictions_time ON evergreen.predictions USING btree (use_case, COALESCE(at, data_time));


--
-- Name: releases_once_a_bento; Type: INDEX; Schema: evergreen; Owner: -
--

CREATE UNIQUE INDEX releases_once_a_bento ON evergreen.releases USING btree (use_case, model_version, ((body #>> '{bento,sha256}'::text[])));


--
-- PostgreSQL database dump complete
--


