"""What the innovation indicators are: words, unit, publisher, file, and what the file gets wrong."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("nuts2", "nuts3", "lep")


@dataclass(frozen=True)
class Kind:
    """One innovation indicator: its words, its file, and the factor that brings the file to `unit`."""

    indicator: str
    label: str
    unit: str
    publisher: str
    stem: str  # path inside the folder, without level and ending
    levels: tuple[str, ...] = LEVELS
    caveat: str = ""
    factor: float = 1.0


APS, EUROSTAT, HESA = "Office for National Statistics", "Eurostat", "Higher Education Statistics Agency"
N2, N23 = ("nuts2",), ("nuts2", "nuts3")
_SAMPLE = "Annual Population Survey: a sample; the file gives no interval."
_LEAD = "Counted at the lead organisation of each project, in the year in which it starts; lumpy."
_EXPENDITURE = "The file's name says workforce; it holds expenditure in euros (Eurostat rd_e_gerdreg)."
_YEAR = "Academic year that starts in the year given."
_HEBCI = "Higher Education Business and Community Interaction survey. " + _YEAR

KINDS = (
    Kind(
        "innovate_uk_funding",
        "Innovate UK funding",
        "£",
        "Innovate UK",
        "innovate_uk/gbp_innovate_uk_funding",
        N23,
        "By start of the project; lumpy.",
    ),
    Kind(
        "ukri_project_funding",
        "UKRI research projects, value",
        "£",
        "UK Research and Innovation",
        "gtr/total_gtr_projects_all_disciplines",
        N2,
        "The file's name says number of projects; it holds pounds. " + _LEAD,
    ),
    Kind(
        "horizon_2020_funding",
        "Horizon 2020 funding",
        "€",
        "European Commission",
        "cordis/cordis_funding",
        LEVELS,
        "By start of the project.",
    ),
    Kind(
        "epo_patents",
        "European patent applications",
        "applications",
        EUROSTAT,
        "eurostat/epo_patent_applications",
        N23,
        "Ends in 2012.",
    ),
    Kind(
        "epo_hightech_patents",
        "High-tech European patent applications",
        "applications",
        EUROSTAT,
        "eurostat/epo_hightech_patent_applications",
        N23,
        "Ends in 2012.",
    ),
    Kind(
        "eu_trademarks",
        "EU trade mark applications",
        "applications",
        EUROSTAT,
        "eurostat/eu_trademark_applications",
        N23,
        "Ends in 2016.",
    ),
    Kind(
        "business_rd",
        "Business spending on research and development",
        "€",
        EUROSTAT,
        "eurostat/eurostat_berd_data",
        N2,
        "Areas with confidential figures are absent.",
    ),
    Kind(
        "government_rd",
        "Government research and development",
        "€",
        EUROSTAT,
        "eurostat/eurostat_gov_rd_workforce_data",
        N2,
        _EXPENDITURE,
    ),
    Kind(
        "higher_education_rd",
        "University research and development",
        "€",
        EUROSTAT,
        "eurostat/eurostat_higher_ed_rd_workforce_data",
        N2,
        _EXPENDITURE,
    ),
    Kind(
        "non_profit_rd",
        "Non-profit research and development",
        "€",
        EUROSTAT,
        "eurostat/eurostat_private_non_profit_rd_workforce_data",
        N2,
        _EXPENDITURE,
    ),
    Kind(
        "business_rd_staff_fte",
        "Business research staff",
        "full-time equivalents",
        EUROSTAT,
        "eurostat/eurostat_private_rd_fte_workforce_data",
        N2,
    ),
    Kind(
        "business_rd_staff",
        "Business research staff, people",
        "people",
        EUROSTAT,
        "eurostat/eurostat_private_rd_headcount_workforce_data",
        N2,
    ),
    Kind(
        "gdp",
        "Gross domestic product",
        "€, current prices",
        EUROSTAT,
        "eurostat/eurostat_gdp_per_capita",
        N2,
        "The file's name says per head; it holds the total.",
    ),
    Kind(
        "university_research_income", "University research income", "£", HESA, "hesa/gbp_research_income", LEVELS, _YEAR
    ),
    Kind(
        "stem_students",
        "Students of science and engineering",
        "students",
        HESA,
        "hesa/total_stem_students",
        LEVELS,
        _YEAR,
    ),
    Kind("postgraduates", "Postgraduates", "students", HESA, "hesa/total_postgraduates", LEVELS, _YEAR),
    Kind(
        "stem_postgraduates",
        "Postgraduates in science and engineering",
        "students",
        HESA,
        "hesa/total_stem_postgraduates",
        LEVELS,
        _YEAR,
    ),
    Kind(
        "research_students",
        "Research students",
        "full-time equivalents",
        HESA,
        "hesa/fte_research_students",
        LEVELS,
        _YEAR,
    ),
    Kind(
        "contract_research_sme",
        "Contract research for small firms",
        "£",
        HESA,
        "hebci/contract_research_sme",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "contract_research_large",
        "Contract research for large firms",
        "£",
        HESA,
        "hebci/contract_research_non_sme",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "contract_research_public",
        "Contract research for public and third sector",
        "£",
        HESA,
        "hebci/contract_research_public_third",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "consultancy_sme",
        "Consultancy and facilities for small firms",
        "£",
        HESA,
        "hebci/consultancy_facilities_sme",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "consultancy_large",
        "Consultancy and facilities for large firms",
        "£",
        HESA,
        "hebci/consultancy_facilities_non_sme",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "consultancy_public",
        "Consultancy and facilities, public and third sector",
        "£",
        HESA,
        "hebci/consultancy_facilities_public_third",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "collaborative_research",
        "Collaborative research, cash",
        "£",
        HESA,
        "hebci/collaborative_research_cash",
        LEVELS,
        _HEBCI,
    ),
    Kind("ip_income", "University income from intellectual property", "£", HESA, "hebci/ip_revenue", LEVELS, _HEBCI),
    Kind("cpd_income", "University income from professional courses", "£", HESA, "hebci/ce_cpd_income", LEVELS, _HEBCI),
    Kind("graduate_startups", "Graduate start-ups", "firms", HESA, "hebci/graduate_startups", LEVELS, _HEBCI),
    Kind(
        "spinoff_investment",
        "Investment in university spin-offs",
        "£",
        HESA,
        "hebci/spinoff_investment",
        LEVELS,
        _HEBCI,
    ),
    Kind("spinoff_revenue", "Turnover of university spin-offs", "£", HESA, "hebci/spinoff_revenue", LEVELS, _HEBCI),
    Kind(
        "regeneration_income",
        "University income from regeneration programmes",
        "£",
        HESA,
        "hebci/regeneration_development",
        LEVELS,
        _HEBCI,
    ),
    Kind(
        "excellent_research_staff",
        "Staff submitted with world-leading research",
        "full-time equivalents",
        "Research Excellence Framework",
        "ref/total_4_fte",
        N2,
        "2014 only.",
    ),
    Kind(
        "stem_professionals",
        "Science and engineering professionals",
        "people",
        APS,
        "aps/aps_econ_active_stem_profs_data",
        LEVELS,
        _SAMPLE,
    ),
    Kind(
        "stem_technicians",
        "Science and engineering associate professionals",
        "people",
        APS,
        "aps/aps_econ_active_stem_associate_profs_data",
        LEVELS,
        _SAMPLE,
    ),
    Kind(
        "stem_density",
        "Science and engineering jobs",
        "% of the economically active",
        APS,
        "aps/aps_econ_active_stem_density_data",
        LEVELS,
        _SAMPLE,
    ),
    Kind(
        "nvq4_plus",
        "Qualified to NVQ level 4 or above",
        "% of people aged 16 to 64",
        APS,
        "aps/aps_nvq4_education_data",
        LEVELS,
        _SAMPLE,
    ),
    Kind(
        "professional_occupations",
        "Professional occupations",
        "% of people in work",
        APS,
        "aps/aps_pro_occupations_data",
        LEVELS,
        _SAMPLE,
    ),
    Kind(
        "high_tech_jobs",
        "Jobs in high-tech industries",
        "jobs",
        "Nesta, from BRES",
        "industry/employment_high_tech",
        N2,
    ),
    Kind(
        "download_speed", "Mean broadband download speed", "Mbit/s", "Ofcom", "broadband/broadband_download_speed_data"
    ),
    Kind(
        "migration_internal",
        "Net migration within the UK",
        "per 1,000 residents",
        EUROSTAT,
        "migration/net_migration_rate_internal",
        N23,
    ),
    Kind(
        "migration_international",
        "Net international migration",
        "per 1,000 residents",
        EUROSTAT,
        "migration/net_migration_rate_international",
        N23,
    ),
    Kind(
        "pm10",
        "Mean particulate pollution (PM10)",
        "micrograms per cubic metre",
        "Defra",
        "defra/air_pollution_mean_pm10",
        LEVELS,
        "Modelled by the publisher.",
    ),
    Kind(
        "time_to_airport",
        "Travel time to an airport",
        "minutes",
        "Department for Transport",
        "travel/travel_time_to_airport",
        N23,
        "2011 and 2013.",
    ),
    Kind(
        "time_to_rail",
        "Travel time to a rail station",
        "minutes",
        "Department for Transport",
        "travel/travel_time_to_rail",
        N23,
        "2011 and 2013. The file by LEP repeats the times to airports and is left out.",
    ),
)
