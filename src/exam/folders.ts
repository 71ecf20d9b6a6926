/** Where journals of running exams lie, and the results and certificates of past ones. */
export const examFolders = (state: string) => ({
  journals: `${state}/exams`,
  results: `${state}/exams/results`,
  certificates: `${state}/exams/certificates`,
})
