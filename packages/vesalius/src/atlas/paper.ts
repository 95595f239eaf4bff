/** Where something was published. */
export interface Paper {
  readonly title: string;
  /** First author, `et al.` where there are more. */
  readonly authors: string;
  readonly year: number;
  /** Journal, proceedings or preprint server with number. */
  readonly venue: string;
  /** DOI, arXiv or publisher's page. */
  readonly url?: string;
}

/** A paper on arXiv. */
export const arxiv = (number: string, title: string, authors: string, year: number): Paper => ({
  title,
  authors,
  year,
  venue: `arXiv:${number}`,
  url: `https://arxiv.org/abs/${number}`,
});

/** A paper with a DOI. */
export const withDoi = (doi: string, title: string, authors: string, year: number, venue: string): Paper => ({
  title,
  authors,
  year,
  venue,
  url: `https://doi.org/${doi}`,
});

/** A citation in one line: `Lee et al. 2019, BioBERT: ..., Bioinformatics 36(4)`. */
export const citation = ({ authors, year, title, venue }: Paper): string => `${authors} ${year}, ${title}, ${venue}`;
