"""People, assessments and ratings by the million, in the shape that years of use leave, by statements about whole sets.

Each round is one assessment of everybody. Ratings come in the order in which a service gives them: forty supervisors
at work at once, so that the ratings of one assessment lie scattered among those of others. Left out is what no page
of this benchmark reads: signed records with their reports, uploaded files, keys of outboxes.
"""

import time
from typing import Any

import psycopg
from psycopg import sql

THERAPISTS_EACH, SUPERVISORS_EACH = 40, 8
# So many rounds are shared; one more is a draft that is half done.
SHARED_ROUNDS = 8
RATED_SHARE = 0.9
NOTE = "Asked about it at 12:40, and came back to the answer near the end."

# Filled without checking each row, and without what makes a crash harmless; both databases are measured with it.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "'8GB'",
    "autovacuum": "off",
    "checkpoint_timeout": "'30min'",
}
# Of tables that have just grown the database knows nothing yet, and would join them row by row.
FOR_THIS_SESSION = """
    SET enable_nestloop = off;
    SET session_replication_role = replica; SET synchronous_commit = off;
    SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'
"""
# Those that grow by the million. Their indexes are made again afterwards, in a tenth of the time.
LARGEST = ["assessments_rating", "assessments_auditevent", "assessments_assessment_activities"]

PEOPLE = [
    """
    CREATE FUNCTION pg_temp.uuid7(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3)
            || '8' || substr(noise, 4, 15))::uuid FROM (SELECT md5(random()::text)) AS made(noise) $$
    """,
    """
    CREATE TEMP TABLE organisation AS
    SELECT n AS number, pg_temp.uuid7(now() - interval '3 years') AS id
    FROM generate_series(%(first)s, %(first)s + %(organisations)s - 1) AS n
    """,
    "INSERT INTO assessments_organisation (id, name, has_lead_signature, reply_days)"
    " SELECT id, 'Service ' || number, FALSE, 14 FROM organisation",
    """
    CREATE TEMP TABLE person AS
    SELECT o.number AS organisation_number, o.id AS organisation, role, place,
        pg_temp.uuid7(now() - interval '2 years') AS id
    FROM organisation o
    CROSS JOIN (VALUES ('therapist', %(therapists)s), ('supervisor', %(supervisors)s), ('lead', 1), ('admin', 1))
        AS wanted(role, people)
    CROSS JOIN generate_series(0, people - 1) AS place
    ORDER BY place, o.number
    """,
    """
    INSERT INTO assessments_user (password, id, email, name, profession, is_active, has_page_keys, has_digest,
        due_checked_on, created_at)
    SELECT '!', id, role || place || '.' || organisation_number || '@example.org',
        initcap(role) || ' ' || place || ' Of Service ' || organisation_number, '', TRUE, FALSE, FALSE,
        current_date, now() - interval '2 years'
    FROM person
    """,
    """
    INSERT INTO assessments_membership (starts_on, user_id, organisation_id, role, programme)
    SELECT current_date - 700, id, organisation, role,
        CASE WHEN role = 'therapist' THEN 'Year ' || 1 + mod(place, 3) ELSE '' END
    FROM person
    """,
    """
    CREATE TEMP TABLE training AS
    SELECT row_number() OVER (ORDER BY t.place, t.organisation_number) - 1 AS number, t.organisation,
        t.id AS therapist, now_.id AS supervisor, before.id AS supervisor_before, lead.id AS lead
    FROM person t
    JOIN person now_ ON now_.organisation = t.organisation AND now_.role = 'supervisor'
        AND now_.place = mod(t.place, %(supervisors)s)
    JOIN person before ON before.organisation = t.organisation AND before.role = 'supervisor'
        AND before.place = mod(t.place + 1, %(supervisors)s)
    JOIN person lead ON lead.organisation = t.organisation AND lead.role = 'lead'
    WHERE t.role = 'therapist'
    """,
    """
    INSERT INTO assessments_supervision (starts_on, ends_on, id, therapist_id, supervisor_id, organisation_id)
    SELECT current_date - 365, NULL, pg_temp.uuid7(now()), therapist, supervisor, organisation FROM training
    UNION ALL
    SELECT current_date - 700, current_date - 366, pg_temp.uuid7(now()), therapist, supervisor_before, organisation
    FROM training
    """,
    """
    INSERT INTO django_session (session_key, session_data, expire_date)
    SELECT md5(id::text), repeat('session', 30), now() + interval '1 hour' FROM person
    """,
    """
    CREATE TEMP TABLE asked AS
    SELECT row_number() OVER (ORDER BY a.position, c.position) - 1 AS place, c.id, c.code, c.activity_id
    FROM assessments_competence c JOIN assessments_activity a ON a.id = c.activity_id
    WHERE c.revision_id = %(revision)s AND c.is_rateable
    """,
    # What an event says of a rating, made once for all ratings that say the same.
    """
    CREATE TEMP TABLE said AS
    SELECT c.id AS competence, coalesce(l.id, 0) AS level, note, is_concern, is_priority,
        jsonb_build_object('code', c.code, 'before', NULL, 'after', jsonb_build_object('outcome',
            CASE WHEN l.id IS NULL THEN 'not_observed' ELSE 'level' END, 'position', l.position, 'note', note,
            'is_concern', is_concern, 'is_priority', is_priority, 'points_seen', '', 'time_mark', NULL)) AS data
    FROM asked c
    CROSS JOIN (SELECT id, position FROM assessments_ratinglevel WHERE scale_id = %(scale)s
        UNION ALL SELECT NULL, NULL) AS l
    CROSS JOIN (VALUES (''), (%(note)s)) AS noted(note)
    CROSS JOIN (VALUES (FALSE), (TRUE)) AS concern(is_concern)
    CROSS JOIN (VALUES (FALSE), (TRUE)) AS priority(is_priority)
    """,
    "ANALYZE person, training, asked, said",
]

ROUND = [
    "DROP TABLE IF EXISTS occasion",
    """
    CREATE TEMP TABLE occasion AS
    SELECT number, therapist, organisation, lead, session_on, session_on + time '17:00' AS begun_at,
        pg_temp.uuid7(session_on + time '17:00') AS id,
        CASE WHEN %(round)s < 3 THEN supervisor_before ELSE supervisor END AS supervisor
    FROM (
        SELECT *, current_date - ((%(rounds)s + 1 - %(round)s) * 60 - mod(number, 50))::int AS session_on FROM training
    ) AS dated
    ORDER BY number
    """,
    "ANALYZE occasion",
    """
    INSERT INTO assessments_assessment (id, organisation_id, therapist_id, supervisor_id, revision_id, scale_id, status,
        role, origin, source, session_on, case_number, session_number, planned_total, phase, problem_area, format,
        selected_by, difficulty, is_consent_confirmed, summary, strengths, needs, concerns_handled, fitness, reply,
        reply_agreement, replied_at, created_at, shared_at, signed_off_at, withdrawn_reason,
        closed_as, closed_reason)
    SELECT id, organisation, therapist, supervisor, %(revision)s, %(scale)s, %(status)s, 'supervisor', 'here',
        'case_report',
        session_on, 1 + %(round)s / 3, 1 + mod(%(round)s, 3) * 4, 16, '', '', '', '', '', FALSE,
        'Kept the focus through the session, and came back to it near the end.', '', '', '', '', '',
        CASE WHEN %(status)s <> 'draft' AND mod(number, 2) = 0 THEN 'agree' ELSE '' END,
        CASE WHEN %(status)s <> 'draft' AND mod(number, 2) = 0 THEN begun_at + interval '2 days' END,
        begun_at, CASE WHEN %(status)s <> 'draft' THEN begun_at + interval '1 day' END,
        CASE WHEN %(status)s = 'signed_off' THEN begun_at + interval '9 days' END, '', '', ''
    FROM occasion
    """,
    """
    INSERT INTO assessments_assessment_activities (assessment_id, activity_id)
    SELECT o.id, a.id FROM occasion o CROSS JOIN assessments_activity a WHERE a.revision_id = %(revision)s
    """,
    # What is not rated, or not observed, is rated in the round before: where somebody stands is known from two.
    """
    INSERT INTO assessments_rating (id, assessment_id, competence_id, outcome, level_id, note, is_concern, is_priority,
        points_seen, version, rated_by_id, rated_at)
    SELECT r.id, r.assessment, r.competence, CASE WHEN l.id IS NULL THEN 'not_observed' ELSE 'level' END, l.id,
        CASE mod(r.id, 4) WHEN 0 THEN %(note)s ELSE '' END,
        mod(r.id, 96) = 0, mod(r.id, 31) = 0, '', r.id, r.supervisor,
        r.begun_at + make_interval(secs => 20 * r.place)
    FROM (
        SELECT %(base)s + (o.number / 40 * %(asked)s + c.place) * 40 + mod(o.number, 40) AS id, c.place,
            mod(c.place + 3 * %(round)s + o.number, 20) AS kind, o.id AS assessment, c.id AS competence, o.supervisor,
            o.begun_at
        FROM occasion o CROSS JOIN asked c
        WHERE %(status)s <> 'draft' OR c.place < %(asked)s / 2
    ) AS r
    LEFT JOIN assessments_ratinglevel l ON l.scale_id = %(scale)s AND r.kind <> 10
        AND l.position = 1 + mod(abs(hashint8(r.id)), 5)
    WHERE r.kind > 1
    ORDER BY r.id
    """,
    """
    INSERT INTO assessments_auditevent (id, at, by_id, type, organisation_id, assessment_id, person_id, change_key,
        data)
    SELECT r.id, r.rated_at, r.rated_by_id, 'rating_saved', o.organisation, o.id, o.therapist, gen_random_uuid(), s.data
    FROM assessments_rating r
    JOIN occasion o ON o.id = r.assessment_id
    JOIN said s ON s.competence = r.competence_id AND s.level = coalesce(r.level_id, 0) AND s.note = r.note
        AND s.is_concern = r.is_concern AND s.is_priority = r.is_priority
    WHERE r.id >= %(base)s
    """,
    """
    SELECT setval(pg_get_serial_sequence(name, 'id'), (SELECT max(id) FROM assessments_auditevent))
    FROM (VALUES ('assessments_auditevent'), ('assessments_rating')) AS numbered(name)
    """,
    """
    INSERT INTO assessments_auditevent (at, by_id, type, organisation_id, assessment_id, person_id, data)
    SELECT begun_at, supervisor, type, organisation, id, therapist, '{}' FROM occasion
    CROSS JOIN (VALUES ('assessment_started'), ('assessment_shared'), ('assessment_signed'), ('assessment_signed_off'))
        AS taken(type)
    WHERE %(status)s = 'signed_off' OR type = 'assessment_started'
        OR (%(status)s = 'shared' AND type = 'assessment_shared')
    """,
    """
    INSERT INTO assessments_signature (assessment_id, person_id, role, signed_at)
    SELECT id, therapist, 'therapist', begun_at + interval '3 days' FROM occasion WHERE %(status)s = 'signed_off'
    UNION ALL
    SELECT id, supervisor, 'supervisor', begun_at + interval '9 days' FROM occasion WHERE %(status)s = 'signed_off'
    """,
    """
    INSERT INTO assessments_goal (id, therapist_id, assessment_id, text, due_on, owner, judged_by, status, created_at,
        closed_at, result)
    SELECT pg_temp.uuid7(begun_at), therapist, id, 'Practise it in the next two sessions, and bring a recording.',
        session_on + 120, 'therapist', '', CASE WHEN %(round)s < 6 THEN 'met' ELSE 'open' END, begun_at,
        CASE WHEN %(round)s < 6 THEN begun_at + interval '60 days' END, ''
    FROM occasion
    """,
    """
    INSERT INTO assessments_goal_competences (goal_id, competence_id)
    SELECT g.id, c.id FROM assessments_goal g JOIN occasion o ON o.id = g.assessment_id
    JOIN asked c ON c.place IN (mod(o.number, 100), 100 + mod(o.number, 100))
    """,
    """
    INSERT INTO assessments_recordaccess (therapist_id, by_id, opened, assessment_id, "on", at)
    SELECT therapist, lead, 'profile', NULL, session_on + 2, begun_at + interval '2 days' FROM occasion
    WHERE %(status)s <> 'draft'
    UNION ALL
    SELECT therapist, lead, 'assessment', id, session_on + 2, begun_at + interval '2 days' FROM occasion
    WHERE %(status)s <> 'draft'
    """,
]

# After the last shared round: of each competence the latest level, of each activity the lower median of these.
STANDINGS = """
    INSERT INTO assessments_activitystanding (organisation_id, therapist_id, activity_id, outcome, position, rated,
        total, last_rated_on)
    SELECT organisation_id, therapist_id, activity_id, 'level',
        percentile_disc(0.5) WITHIN GROUP (ORDER BY position), count(*),
        (SELECT count(*) FROM asked WHERE asked.activity_id = latest.activity_id), max(session_on)
    FROM (
        SELECT DISTINCT ON (a.therapist_id, r.competence_id)
            a.organisation_id, a.therapist_id, c.activity_id, l.position, a.session_on
        FROM assessments_rating r
        JOIN assessments_assessment a ON a.id = r.assessment_id
        JOIN assessments_ratinglevel l ON l.id = r.level_id
        JOIN asked c ON c.id = r.competence_id
        WHERE r.id >= %(since)s
        ORDER BY a.therapist_id, r.competence_id, a.session_on DESC
    ) AS latest
    GROUP BY organisation_id, therapist_id, activity_id
"""

# Where everybody stood at the ends of quarters, made up: what lies behind a row makes no difference to a page.
QUARTERS = """
    INSERT INTO assessments_quarterstanding (organisation_id, therapist_id, domain_id, outcome, position, begins_on,
        ends_on)
    SELECT t.organisation, t.therapist, d.id, 'level', 1 + mod(t.number + d.id + ago, 5),
        quarter - make_interval(months => 3 * ago),
        CASE WHEN ago > 0 THEN quarter - make_interval(months => 3 * ago - 3) END
    FROM training t CROSS JOIN assessments_domain d CROSS JOIN generate_series(0, 5) AS ago
    CROSS JOIN date_trunc('quarter', now()) AS quarter
    WHERE d.revision_id = %(revision)s
"""


def organisations_for(ratings: int, asked: int) -> int:
    """How many organisations of forty therapists it takes to have so many ratings."""
    each = asked * RATED_SHARE * (SHARED_ROUNDS + 0.5)
    return max(1, -(-ratings // int(THERAPISTS_EACH * each)))


def fill(url: str, *, first: int, organisations: int, asked: int, revision: int, scale: int) -> None:
    """Add organisations, numbered from `first`, with their people and all that was said about these."""
    facts: dict[str, Any] = {
        "first": first,
        "organisations": organisations,
        "therapists": THERAPISTS_EACH,
        "supervisors": SUPERVISORS_EACH,
        "rounds": SHARED_ROUNDS,
        "asked": asked,
        "revision": revision,
        "scale": scale,
        "note": NOTE,
    }
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        configure(connection, QUICK)
        connection.execute(FOR_THIS_SESSION)
        is_large = organisations > 1
        kept = _without_indexes(connection) if is_large else []
        _run(connection, PEOPLE, facts)
        _rounds(connection, facts)
        for statement in kept:
            _timed(connection, statement.partition(" USING ")[0], statement)
        _timed(connection, "VACUUM and ANALYZE", "VACUUM (FREEZE, ANALYZE)")
        configure(connection, dict.fromkeys(QUICK, "DEFAULT"))
        connection.execute("CHECKPOINT")


def configure(connection: "psycopg.Connection[Any]", settings: dict[str, str]) -> None:
    for name, value in settings.items():
        connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
    connection.execute("SELECT pg_reload_conf()")


def _rounds(connection: "psycopg.Connection[Any]", facts: dict[str, Any]) -> None:
    bases = []
    for number in range(SHARED_ROUNDS + 1):
        status = {SHARED_ROUNDS: "draft", SHARED_ROUNDS - 1: "shared"}.get(number, "signed_off")
        bases.append(_first_free(connection))
        begun = time.monotonic()
        _run(connection, ROUND, facts | {"round": number, "status": status, "base": bases[-1]})
        print(f"  round {number + 1} of {SHARED_ROUNDS + 1}: {time.monotonic() - begun:.0f} s", flush=True)
        if status == "shared":
            connection.execute(STANDINGS.encode(), {"since": bases[-2]})
            connection.execute(QUARTERS.encode(), facts)


def _first_free(connection: "psycopg.Connection[Any]") -> int:
    """A number that neither a rating nor an event bears: a rating's version is the event that wrote it."""
    tables = ["assessments_rating", "assessments_auditevent"]
    queries = [sql.SQL("SELECT max(id) FROM {}").format(sql.Identifier(table)) for table in tables]
    return 1 + max(row[0] or 0 for query in queries for row in connection.execute(query).fetchall())


def _run(connection: "psycopg.Connection[Any]", statements: list[str], facts: dict[str, Any]) -> None:
    for statement in statements:
        connection.execute(statement.encode(), facts)


def _timed(connection: "psycopg.Connection[Any]", what: str, statement: str) -> None:
    begun = time.monotonic()
    connection.execute(statement.encode())
    print(f"  {what}: {time.monotonic() - begun:.0f} s", flush=True)


def _without_indexes(connection: "psycopg.Connection[Any]") -> list[str]:
    """Drop the indexes of the largest tables; the statements that make them again. Primary keys only ever grow."""
    unique = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)",
        [LARGEST],
    ).fetchall()
    for table, name, _ in unique:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(sql.Identifier, (table, name))))
    plain = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%pkey'",
        [LARGEST],
    ).fetchall()
    for name, _ in plain:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    again = [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}' for table, name, definition in unique]
    return again + [definition for _, definition in plain]
